import { fileURLToPath } from 'node:url';
import { createGenerator } from 'ts-json-schema-generator';
import { isJsonObject, type JsonObject } from '../../src/domain/shared/json.js';
import { at, member } from './json.js';
import { tidied, type Schema } from './tidy.js';

/** The tests run from `dist`; the types lie in the sources. */
const ROOT = new URL('../../../', import.meta.url);

/** How a schema refers to one with a name. */
export const DEFINED = '#/$defs/';

/** Schemas of a map of types, and of all types with a name that they use. */
export type Sources = {
  /** By category of stream: the events of its streams, by type, and what it is. */
  readonly categories: { readonly [category: string]: { readonly about: string; readonly events: Schemas } };
  /** By `<type>.v<version>`. */
  readonly former: Schemas;
  readonly metadata: Schema;
  readonly definitions: Schemas;
};

export type Schemas = { readonly [name: string]: Schema };

/**
 * The types of all events as JSON Schema (2020-12), with their doc comments as descriptions.
 *
 * @throws Error where a type is none that can be told so
 */
export function readSources(): Sources {
  const events = generated('src/domain/catalogue.ts', ['EventMaps', 'FormerEvents']);
  const metadata = generated('src/domain/shared/{envelope,ids}.ts', ['EventMetadata', 'Position']);
  const definitions = tidied({ ...metadata, ...events });
  const followed = (schema: Schema): Schema => {
    const reference = schema['$ref'];
    return typeof reference === 'string' ? followed(member(definitions, reference.slice(DEFINED.length))) : schema;
  };
  const named = (name: string): Schema => followed(member(definitions, name));
  const categories = Object.entries(propertiesOf(named('EventMaps'))).map(([category, reference]) => {
    const map = followed(reference);
    const about = map['description'];
    if (typeof about !== 'string') throw new Error(`the events of ${category} have no doc comment`);
    return [category, { about, events: propertiesOf(map) }] as const;
  });
  return {
    categories: Object.fromEntries(categories),
    former: propertiesOf(named('FormerEvents')),
    metadata: named('EventMetadata'),
    definitions,
  };
}

export const propertiesOf = (schema: Schema): Schemas => {
  const properties = at(schema, 'properties');
  return Object.fromEntries(
    Object.entries(properties).map(([name, each]) => {
      if (!isJsonObject(each)) throw new Error(`${name} has no schema`);
      return [name, each];
    }),
  );
};

/** Definitions in draft 7, as the generator makes them. */
function generated(path: string, types: readonly string[]): JsonObject {
  const schema: unknown = createGenerator({
    path: fileURLToPath(new URL(path, ROOT)),
    tsconfig: fileURLToPath(new URL('tsconfig.json', ROOT)),
    type: [...types],
    // `tsc` has done that; the generator comes with a compiler of its own.
    skipTypeCheck: true,
    jsDoc: 'extended',
    expose: 'export',
    encodeRefs: false,
    sortProps: false,
    // Readers of a version must not stumble over fields that come later.
    additionalProperties: true,
  }).createSchema([...types]);
  if (!isJsonObject(schema)) throw new Error(`${path} has no schema`);
  return at(schema, 'definitions');
}
