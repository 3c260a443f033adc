import { BY_KEY, type CollectionSpec, type IndexQuery } from '../../ports/documentStore.js';
import { UnknownIndex } from '../../ports/errors.js';
import { decodeCursor, type PageEnd } from './cursor.js';
import { compareQueryValues, queryValue } from './indexValue.js';
import { columnOf, tableOf } from './laneSchema.js';
import { checkFits, checkFitsKeys } from './queryFits.js';

/** A query ready to run: selects key and document, one more than the limit to see whether there are more. */
export type PreparedQuery = {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
  /** Fields whose values, with the key, say where a page ends. */
  readonly orderFields: readonly string[];
};

/**
 * @throws UnknownIndex
 * @throws InvalidCursor
 * @throws RangeError if the query does not fit the index, or has no sensible limit
 */
export function prepareQuery(collection: CollectionSpec, query: IndexQuery): PreparedQuery {
  if (query.index === BY_KEY) return prepareKeyQuery(collection, query);
  const fields = collection.indexes[query.index];
  if (!fields) throw new UnknownIndex(collection.name, query.index);
  checkFits(query, fields);

  const orderFields = fields.slice(query.equals.length);
  const descending = query.order === 'descending';
  const conditions = fields.map(
    (field, index) => `${columnOf(field)} ${index < query.equals.length ? '= ?' : 'IS NOT NULL'}`,
  );
  const parameters = query.equals.map(queryValue);

  const end = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor, orderFields.length);
  for (const bound of bounds(query, orderFields, end, descending)) {
    conditions.push(bound.sql);
    parameters.push(...bound.parameters);
  }
  const order = [...orderFields.map(columnOf), 'key'].map((column) => `${column}${descending ? ' DESC' : ''}`);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  const sql = `SELECT key, document FROM ${tableOf(collection)} ${where} ORDER BY ${order.join(', ')} LIMIT ? OFFSET ?`;
  return { sql, parameters: [...parameters, query.limit + 1, query.skip ?? 0], orderFields };
}

/** The table's own order. Keys are text, so only text bounds them. */
function prepareKeyQuery(collection: CollectionSpec, query: IndexQuery): PreparedQuery {
  checkFitsKeys(query);
  const descending = query.order === 'descending';
  const past = query.cursor === undefined ? undefined : decodeCursor(query, query.cursor, 0).key;
  const bounds = [
    ['key >= ?', query.from],
    ['key < ?', query.below],
    [descending ? 'key < ?' : 'key > ?', past],
  ] as const;
  const given = bounds.flatMap(([sql, value]) => (value === undefined ? [] : [{ sql, value: queryValue(value) }]));
  const where = given.length > 0 ? `WHERE ${given.map(({ sql }) => sql).join(' AND ')}` : '';
  const order = descending ? 'key DESC' : 'key';
  const sql = `SELECT key, document FROM ${tableOf(collection)} ${where} ORDER BY ${order} LIMIT ? OFFSET ?`;
  return { sql, parameters: [...given.map(({ value }) => value), query.limit + 1, query.skip ?? 0], orderFields: [] };
}

type Bound = { readonly sql: string; readonly parameters: readonly (string | number)[] };

/** The range, and the cursor in place of the bound on its side unless that is tighter: an index seeks by one bound. */
function bounds(
  query: IndexQuery,
  orderFields: readonly string[],
  end: PageEnd | undefined,
  descending: boolean,
): Bound[] {
  const [first] = orderFields;
  const from = query.from === undefined ? undefined : queryValue(query.from);
  const below = query.below === undefined ? undefined : queryValue(query.below);
  const past = end?.values[0];
  const fromCounts = from !== undefined && (past === undefined || descending || compareQueryValues(from, past) > 0);
  const belowCounts =
    below !== undefined && (past === undefined || !descending || compareQueryValues(below, past) <= 0);
  const result: Bound[] = [];
  if (first !== undefined && fromCounts) result.push({ sql: `${columnOf(first)} >= ?`, parameters: [from] });
  if (first !== undefined && belowCounts) result.push({ sql: `${columnOf(first)} < ?`, parameters: [below] });
  if (end && !(descending ? belowCounts : fromCounts)) result.push(afterCursor(orderFields, end, descending));
  return result;
}

function afterCursor(orderFields: readonly string[], { values, key }: PageEnd, descending: boolean): Bound {
  const columns = [...orderFields.map(columnOf), 'key'];
  const marks = columns.map(() => '?');
  return {
    sql: `(${columns.join(', ')}) ${descending ? '<' : '>'} (${marks.join(', ')})`,
    parameters: [...values, key],
  };
}
