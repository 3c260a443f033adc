import { DIGEST } from '../../src/domain/shared/digest.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/shared/json.js';
import { at, isList, mapped } from './json.js';

/** JSON Schema, 2020-12. */
export type Schema = JsonObject;

const UUID = { type: 'string', format: 'uuid' };

/** What types cannot say: how the text of those looks that only a parser makes. Their comments stay. */
const FORMS: { readonly [type: string]: Schema } = {
  Digest: { type: 'string', pattern: DIGEST.source },
  Timestamp: { type: 'string', format: 'date-time', pattern: '^[0-9-]{10}T[0-9:]{8}\\.[0-9]{3}Z$' },
  StreamName: { type: 'string', pattern: '^[a-z]+(?:-.+)?$' },
  Position: { type: 'string', pattern: '^[0-9]{20}$' },
  AppTokenId: UUID,
  ApplicationTokenId: UUID,
  AssignmentId: UUID,
  LabelId: UUID,
  KeyId: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  Json: {},
  JsonObject: { type: 'object', description: 'Any JSON object.' },
};

/** The same, of the members of an object. */
const MEMBERS: { readonly [type: string]: { readonly [member: string]: Schema } } = {
  Sealed: { subject: { pattern: '^[a-z]+:.+$' }, box: { pattern: '^[A-Za-z0-9_-]{38,}$' } },
};

const BRAND = /^Brand<string,"(\w+)">$/;

/** A `Brand` is a text; most of them are ids. */
const formOf = (name: string, schema: Json | undefined): Schema | undefined => {
  if (name in FORMS) return FORMS[name];
  const reference = isJsonObject(schema) ? schema['$ref'] : undefined;
  if (typeof reference !== 'string' || !BRAND.test(reference.replace('#/definitions/', ''))) return undefined;
  if (!name.endsWith('Id')) throw new Error(`say in test/catalogue/tidy.ts what the text of a ${name} looks like`);
  return UUID;
};

/**
 * Definitions of draft 7 as those of 2020-12, without the traces of how TypeScript says it: numbers of events are whole,
 * what can never be there is not mentioned, and texts that have a form have it.
 */
export function tidied(definitions: JsonObject): { readonly [name: string]: Schema } {
  const kept = Object.entries(definitions).filter(([name]) => !BRAND.test(name));
  return Object.fromEntries(
    kept.map(([name, schema]): [string, Schema] => {
      const form = formOf(name, schema);
      if (!form) return [name, refined(tidy(schema), MEMBERS[name] ?? {})];
      const comment = isJsonObject(schema) ? schema['description'] : undefined;
      return [name, { ...(typeof comment === 'string' ? { description: inOneLine(comment) } : {}), ...form }];
    }),
  );
}

const refined = (schema: Schema, members: { readonly [member: string]: Schema }): Schema =>
  Object.entries(members).reduce((each, [name, more]) => {
    const properties = at(each, 'properties');
    return { ...each, properties: { ...properties, [name]: { ...at(properties, name), ...more } } };
  }, schema);

function tidy(schema: Json | undefined): Schema {
  if (!isJsonObject(schema)) throw new Error(`no schema: ${JSON.stringify(schema)}`);
  const { description, $ref: reference, type, additionalProperties: others, ...rest } = schema;
  const members = Object.entries(rest).map(([keyword, value]): [string, Json] => [keyword, tidyMember(keyword, value)]);
  return {
    ...(typeof description === 'string' ? { description: inOneLine(description) } : {}),
    ...(typeof reference === 'string' ? { $ref: reference.replace('#/definitions/', '#/$defs/') } : {}),
    ...(type === undefined ? {} : { type: whole(type) }),
    ...Object.fromEntries(members),
    ...(isJsonObject(others) ? membersBeyond(others) : {}),
  };
}

/** `Record<string, never>`: it has no members now, and may have some later. */
const membersBeyond = (others: JsonObject): Schema =>
  'not' in others ? { properties: {} } : { additionalProperties: tidy(others) };

const whole = (type: Json): Json => (isList(type) ? type.map(whole) : type === 'number' ? 'integer' : type);

/** Comments are wrapped where the code's lines end. */
const inOneLine = (comment: string): string => comment.replace(/\s*\n\s*/g, ' ').trim();

const PLAIN: ReadonlySet<string> = new Set(['enum', 'const', 'required']);

function tidyMember(keyword: string, value: Json | undefined): Json {
  if (PLAIN.has(keyword) && value !== undefined) return value;
  if (keyword === 'properties' && isJsonObject(value)) return mapped(value, tidy);
  if (keyword === 'items' && isJsonObject(value)) return tidy(value);
  if (keyword === 'anyOf' && isList(value)) return value.map(tidy);
  throw new Error(`nobody has said how to tell \`${keyword}\` of a type: see test/catalogue/tidy.ts`);
}
