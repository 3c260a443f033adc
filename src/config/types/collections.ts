import type { Json } from '../../domain/shared/json.js';
import { nearest } from '../suggest.js';
import { isRead, REFUSED, type Place } from './place.js';
import { fromJson, type ValueIn, type ValueType } from './valueType.js';

/** A mapping of the file: not null, not a list, not a date. */
export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** In the environment: JSON, or the words between commas and blanks. */
function listFromText(text: string): unknown {
  return text.trimStart().startsWith('[') ? fromJson(text) : text.split(/[\s,]+/).filter((word) => word !== '');
}

/**
 * @param least how many there must be
 */
export function list<Value>(item: ValueType<Value>, least = 0): ValueType<readonly Value[]> {
  const allowed = `a list${least > 0 ? ` of at least ${least}` : ''} (each: ${item.allowed})`;
  return {
    name: `list of ${item.name}`,
    allowed,
    secret: item.secret,
    fromText: listFromText,
    parse(value, place) {
      if (!Array.isArray(value) || value.length < least) return place.refuse(value, allowed);
      const items = value.map((each: unknown, index) => item.parse(each, place.member(index)));
      const good = items.filter(isRead);
      return good.length === items.length ? good : REFUSED;
    },
  };
}

/** A list that may be written in the file as in the environment, too: as one text. */
export function words<Value>(item: ValueType<Value>, least = 0): ValueType<readonly Value[]> {
  const type = list(item, least);
  const allowed = `${type.allowed}, or one text with commas`;
  return {
    ...type,
    allowed,
    parse(value, place) {
      const items = typeof value === 'string' ? listFromText(value) : value;
      return Array.isArray(items) && items.length >= least ? type.parse(items, place) : place.refuse(value, allowed);
    },
  };
}

/** Names of the administrator's choice, each with a value of one type. */
export function mapping<Value>(item: ValueType<Value>): ValueType<Readonly<Record<string, Value>>> {
  const allowed = `a mapping (each value: ${item.allowed})`;
  return {
    name: `mapping to ${item.name}`,
    allowed,
    secret: item.secret,
    fromText: fromJson,
    parse(value, place) {
      if (!isMapping(value)) return place.refuse(value, allowed);
      const entries = Object.entries(value).map(
        ([name, each]) => [name, item.parse(each, place.member(name))] as const,
      );
      const good = entries.flatMap(([name, each]) => (isRead(each) ? [[name, each] as const] : []));
      return good.length === entries.length ? Object.fromEntries(good) : REFUSED;
    },
  };
}

type Members = Readonly<Record<string, ValueType<unknown>>>;
type Preset<Value> = ValueType<Value> & { readonly fallback: Json };

/** The known members of a mapping. */
export type Shape = {
  readonly required?: Members;
  readonly optional?: Members;
  /** Those that have a value when they are not given. */
  readonly preset?: Readonly<Record<string, Preset<unknown>>>;
  /** Further members are expected, and pass without a warning. */
  readonly open?: boolean;
};

type Always<Declared> = { readonly [Name in keyof Declared]: ValueIn<Declared[Name]> };
type Sometimes<Declared> = { readonly [Name in keyof Declared]?: ValueIn<Declared[Name]> };

/** What a mapping of a shape is read as. */
export type Shaped<Given extends Shape> = (Given extends { readonly required: infer Declared }
  ? Always<Declared>
  : unknown) &
  (Given extends { readonly optional: infer Declared } ? Sometimes<Declared> : unknown) &
  (Given extends { readonly preset: infer Declared } ? Always<Declared> : unknown);

/** A member that has a value of its own when it is not given. */
export const preset = <Value>(type: ValueType<Value>, fallback: Json): Preset<Value> => ({ ...type, fallback });

const listed = (names: readonly string[]): string => (names.length === 0 ? '' : ` with ${names.join(', ')}`);

/** A mapping with known members. Unknown ones are warned about and left out; null is absent. */
export function object<const Given extends Shape>(shape: Given): ValueType<Shaped<Given>> {
  const required: Members = shape.required ?? {};
  const presets = shape.preset ?? {};
  const members: Members = { ...required, ...shape.optional, ...presets };
  const allowed = `a mapping${listed(Object.keys(required))}`;

  const membersOf = (given: Readonly<Record<string, unknown>>, place: Place): Record<string, unknown> => {
    const result: Record<string, unknown> = {};
    for (const [name, type] of Object.entries(members)) {
      const value = given[name] ?? presets[name]?.fallback;
      if (value !== undefined) result[name] = type.parse(value, place.member(name));
      else if (name in required) place.missing(name, type.allowed);
    }
    return result;
  };

  return {
    name: 'mapping',
    allowed,
    secret: Object.values(members).some((member) => member.secret),
    fromText: fromJson,
    parse(value, place) {
      if (!isMapping(value)) return place.refuse(value, allowed);
      if (shape.open !== true) warnOfUnknown(value, members, place);
      const result = membersOf(value, place);
      const isWhole = Object.keys(required).every((name) => name in result);
      if (!isWhole || Object.values(result).includes(REFUSED)) return REFUSED;
      // Each member was read by the type that declares it: what the compiler cannot follow through a loop over names.
      return result as Shaped<Given>;
    },
  };
}

function warnOfUnknown(given: Readonly<Record<string, unknown>>, members: Members, place: Place): void {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(members, name)) continue;
    const near = nearest(name, Object.keys(members));
    place.member(name).warn(`unknown, ignored${near === undefined ? '' : `; did you mean ${near}?`}`);
  }
}

/** `[name, {parameters}]`, as Quay names an exchangeable part. */
export const part: ValueType<{ readonly name: string; readonly parameters: Readonly<Record<string, unknown>> }> = {
  name: '[name, {parameters}]',
  allowed: 'a list of a name and a mapping of its parameters',
  secret: true, // parameters of such parts contain passwords
  fromText: fromJson,
  parse(value, place) {
    if (!Array.isArray(value)) return place.refuse(value, this.allowed);
    const items: readonly unknown[] = value;
    const [name, parameters] = items;
    if (typeof name !== 'string' || !isMapping(parameters ?? {})) return place.refuse(value, this.allowed);
    return { name, parameters: isMapping(parameters) ? parameters : {} };
  },
};
