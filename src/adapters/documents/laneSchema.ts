import type { CollectionSpec, LaneSpec } from '../../ports/documentStore.js';

/** SQL names of a collection's table and its columns. The engine does not tell upper from lower case in them. */
export const tableOf = (collection: CollectionSpec): string => quoted(`c_${collection.name}`);
export const columnOf = (field: string): string => quoted(`f_${field}`);
const indexOf = (collection: CollectionSpec, index: string): string => quoted(`i_${collection.name}_${index}`);

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Every field that some index of the collection orders, each once. */
export const indexedFields = (collection: CollectionSpec): readonly string[] => [
  ...new Set(Object.values(collection.indexes).flat()),
];

/**
 * The tables of a lane. Indexed fields are columns of their own, filled at every write: cheaper than having the engine
 * parse the document, and they tell a null from a field that is lacking. A table has row ids, since with them a new
 * document goes to the table's end and only its key to a random place.
 */
export function createTables(spec: LaneSpec): string {
  const tables = spec.collections.map((collection) => {
    const columns = indexedFields(collection).map((field) => `, ${columnOf(field)}`);
    return `CREATE TABLE ${tableOf(collection)} (key TEXT PRIMARY KEY NOT NULL, document TEXT NOT NULL${columns.join('')});`;
  });
  return `
    CREATE TABLE lane (one INTEGER PRIMARY KEY CHECK (one = 1), shape TEXT NOT NULL, checkpoint TEXT NOT NULL) STRICT;
    ${tables.join('\n')}`;
}

/** The indexes of a collection; a document that lacks a field of an index is not in it. */
export function createIndexes(collection: CollectionSpec): string {
  return Object.entries(collection.indexes)
    .map(([index, fields]) => {
      const columns = fields.map(columnOf);
      const present = columns.map((column) => `${column} IS NOT NULL`).join(' AND ');
      const table = tableOf(collection);
      return `CREATE INDEX IF NOT EXISTS ${indexOf(collection, index)} ON ${table} (${columns.join(', ')}, key) WHERE ${present};`;
    })
    .join('\n');
}
