import { isJsonObject, type Json, type JsonObject } from '../../src/domain/shared/json.js';
import { isList } from './json.js';

/** A place in an event, and what is different there in a way that breaks somebody. */
export type Difference = { readonly path: string; readonly problem: string };

/** A schema with the definitions that it refers to. */
export type Defined = { readonly schema: JsonObject; readonly definitions: { readonly [name: string]: JsonObject } };

/**
 * What of a schema cannot be told in its version any more. What was written before must still be as it says, because the
 * log is read from its beginning; and who reads by the old one must understand what is written now, as long as he passes
 * over fields and values of enumerations that he does not know. So a field may come if it may be absent, and an
 * enumeration may have more values; nothing else may change but comments.
 *
 * @param path of the value, for the differences
 */
export function differences(old: Defined, present: Defined, path: string): readonly Difference[] {
  const [before, now] = [alternatives(old), alternatives(present)];
  const found: Difference[] = [];
  const matched = new Set<Alternative>();
  for (const each of before) {
    const candidates = now.filter(({ kind }) => kind === each.kind);
    const [best] = candidates
      .map((candidate) => ({ candidate, inside: within(each, candidate, path) }))
      .sort((one, other) => one.inside.length - other.inside.length);
    if (!best) found.push({ path, problem: `cannot be ${named(each)} any more` });
    else {
      matched.add(best.candidate);
      found.push(...best.inside);
    }
  }
  for (const each of now.filter((candidate) => !matched.has(candidate))) {
    if (!isAnotherKind(each, before)) found.push({ path, problem: `can be ${named(each)} now` });
  }
  return found;
}

type Alternative = Defined & { readonly kind: string };

const NAMES: { readonly [kind: string]: string } = {
  ...{ any: 'anything', null: 'null', string: 'a text', integer: 'a whole number', number: 'a number' },
  ...{ boolean: 'true or false', object: 'an object', array: 'a list' },
};
const named = ({ kind }: Alternative): string => NAMES[kind] ?? kind;

/** The schema as one or more of one type each: references are followed, unions taken apart. */
function alternatives({ schema, definitions }: Defined): Alternative[] {
  const { $ref: reference, anyOf, type } = schema;
  if (typeof reference === 'string') {
    const definition = definitions[reference.split('/').at(-1) ?? ''];
    if (!definition) throw new Error(`there is no ${reference}`);
    return alternatives({ schema: definition, definitions });
  }
  if (isList(anyOf)) {
    return anyOf.flatMap((each) => (isJsonObject(each) ? alternatives({ schema: each, definitions }) : []));
  }
  const types = isList(type) ? type : [type ?? typeOfValues(valuesOf(schema))];
  return types.map((kind) => ({ schema, definitions, kind: typeof kind === 'string' ? kind : 'any' }));
}

const typeOfValues = (values: readonly Json[] | undefined): string => (values ? typeof values[0] : 'any');

/** Of an enumeration. */
const valuesOf = ({ const: only, enum: several }: JsonObject): readonly Json[] | undefined =>
  only !== undefined ? [only] : isList(several) ? several : undefined;

/** Keywords that are compared by what they mean; all others must stay as they are. */
const UNDERSTOOD = ['description', 'type', 'const', 'enum', 'properties', 'required', 'items', 'additionalProperties'];

function within(old: Alternative, now: Alternative, path: string): readonly Difference[] {
  return [
    ...enumeration(old, now, path),
    ...fields(old, now, path),
    ...insides(old, now, path),
    ...others(old, now, path),
  ];
}

function enumeration(old: Alternative, now: Alternative, path: string): Difference[] {
  const [before, after] = [valuesOf(old.schema), valuesOf(now.schema)];
  if (!before) return after ? [{ path, problem: `is one of ${listed(after)} now, though others were written` }] : [];
  if (!after) return [{ path, problem: `is not one of ${listed(before)} any more, but ${named(now)}` }];
  const gone = before.filter((value) => !after.includes(value));
  return gone.length === 0 ? [] : [{ path, problem: `cannot be ${listed(gone)} any more, though it was written` }];
}

const listed = (values: readonly Json[]): string => values.map((value) => JSON.stringify(value)).join(', ');

function fields(old: Alternative, now: Alternative, path: string): Difference[] {
  const [before, after] = [membersOf(old.schema), membersOf(now.schema)];
  const [needed, stillNeeded] = [requiredIn(old.schema), requiredIn(now.schema)];
  const kept = [...before].flatMap(([name, schema]): readonly Difference[] => {
    const place = `${path}.${name}`;
    const successor = after.get(name);
    if (!successor) return [{ path: place, problem: 'is not there any more' }];
    if (needed.has(name) && !stillNeeded.has(name)) return [{ path: place, problem: 'may be absent now' }];
    const inside = differences({ ...old, schema }, { ...now, schema: successor }, place);
    if (needed.has(name) || !stillNeeded.has(name)) return inside;
    return [{ path: place, problem: 'may not be absent any more, though events without it were written' }, ...inside];
  });
  const demanded = [...after.keys()].filter((name) => !before.has(name) && stillNeeded.has(name));
  return [
    ...kept,
    ...demanded.map((name) => ({
      path: `${path}.${name}`,
      problem: 'is new and may not be absent, though events without it were written',
    })),
  ];
}

const membersOf = ({ properties }: JsonObject): Map<string, JsonObject> =>
  new Map(
    Object.entries(isJsonObject(properties) ? properties : {}).filter((entry): entry is [string, JsonObject] =>
      isJsonObject(entry[1]),
    ),
  );

const requiredIn = ({ required }: JsonObject): ReadonlySet<Json> => new Set(isList(required) ? required : []);

/** What is in a list, or under the keys of a table. */
function insides(old: Alternative, now: Alternative, path: string): readonly Difference[] {
  return (['items', 'additionalProperties'] as const).flatMap((keyword) => {
    const [before, after] = [old.schema[keyword], now.schema[keyword]];
    const place = keyword === 'items' ? `${path}[]` : `${path}.*`;
    if (isJsonObject(before) && isJsonObject(after)) {
      return differences({ ...old, schema: before }, { ...now, schema: after }, place);
    }
    return before === after ? [] : [{ path: place, problem: 'is of another kind' }];
  });
}

function others(old: Alternative, now: Alternative, path: string): Difference[] {
  const keywords = new Set([...Object.keys(old.schema), ...Object.keys(now.schema)]);
  return [...keywords]
    .filter((keyword) => !UNDERSTOOD.includes(keyword))
    .filter((keyword) => JSON.stringify(old.schema[keyword]) !== JSON.stringify(now.schema[keyword]))
    .map((keyword) => ({
      path,
      problem: `has another \`${keyword}\`: ${valueOf(now, keyword)}, not ${valueOf(old, keyword)}`,
    }));
}

const valueOf = ({ schema }: Alternative, keyword: string): string =>
  schema[keyword] === undefined ? 'nothing' : JSON.stringify(schema[keyword]);

/** One more of several objects that tell by a field of fixed values which of them they are: an enumeration, too. */
function isAnotherKind(added: Alternative, before: readonly Alternative[]): boolean {
  if (added.kind !== 'object' || before.length < 2) return false;
  const valuesIn = (name: string, { schema, definitions }: Alternative): readonly Json[] | undefined => {
    const member = membersOf(schema).get(name);
    return member && alternatives({ schema: member, definitions }).flatMap((each) => valuesOf(each.schema) ?? []);
  };
  return [...membersOf(added.schema).keys()].some((name) => {
    const own = valuesIn(name, added);
    const known = before.map((each) => valuesIn(name, each));
    if (!own || own.length === 0 || known.some((values) => !values || values.length === 0)) return false;
    return !known.flat().some((value) => value !== undefined && own.includes(value));
  });
}
