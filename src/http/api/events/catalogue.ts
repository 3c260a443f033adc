import type { JsonObject } from '../../../domain/shared/json.js';
import document from './catalogue.json' with { type: 'json' };

/** What downstream is promised of events. `npm run docs:events` makes it of their types. */
export type EventCatalogue = {
  /** By category of stream, which is the last part of a topic's name. */
  readonly categories: { readonly [category: string]: { readonly about: string } };
  /** JSON Schema of a message's headers, all of them text; `$ref` is to `definitions`. */
  readonly headers: JsonObject;
  readonly events: { readonly [type: string]: CataloguedEvent };
  /** Types that several schemas use. */
  readonly definitions: { readonly [name: string]: JsonObject };
};

export type CataloguedEvent = {
  readonly about: string;
  /** In streams of which it can be. */
  readonly categories: readonly string[];
  /** The schema version in which it is written now. */
  readonly version: number;
  /** By schema version. */
  readonly versions: { readonly [version: string]: CataloguedVersion };
};

export type CataloguedVersion = {
  /** JSON Schema (2020-12) of `data`; `$ref` is to `#/$defs/…`, which are the catalogue's definitions. */
  readonly schema: JsonObject;
  readonly examples: readonly EventExample[];
};

/** A message as it lies on the bus. */
export type EventExample = { readonly headers: { readonly [name: string]: string }; readonly data: JsonObject };

export const catalogue: EventCatalogue = document;

const DEFINED = /"\$ref":"#\/\$defs\/([^"]+)"/g;

/** The definitions that a schema needs, those that they need included, by name. */
export function definitionsOf(
  schema: JsonObject,
  { definitions }: Pick<EventCatalogue, 'definitions'>,
): { readonly [name: string]: JsonObject } {
  const found = new Map<string, JsonObject>();
  const visit = (part: JsonObject): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(DEFINED)) {
      const definition = definitions[name];
      if (!definition) throw new Error(`the catalogue has no definition ${name}`);
      if (found.has(name)) continue;
      found.set(name, definition);
      visit(definition);
    }
  };
  visit(schema);
  return Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** A schema complete in itself, as it is served. */
export function schemaDocument(
  { id, title, schema }: { readonly id: string; readonly title: string; readonly schema: JsonObject },
  from: Pick<EventCatalogue, 'definitions'>,
): JsonObject {
  const definitions = definitionsOf(schema, from);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    ...{ $id: id, title, ...schema },
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions }),
  };
}
