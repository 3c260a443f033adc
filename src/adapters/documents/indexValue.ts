import type { Json } from '../../domain/shared/json.js';
import { compareText } from '../sqlite/text.js';

/** What a column holds: NULL keeps the document out of the indexes over it. */
export type ColumnValue = string | number | null;

/** Sorts before every number that JSON knows, and so stands for JSON's null: SQL's NULL means "lacks the field". */
const JSON_NULL = -Infinity;

/** The column value of a field of a document. Objects and lists cannot be indexed and count as lacking. */
export function columnValue(field: Json | undefined): ColumnValue {
  switch (typeof field) {
    case 'string':
      return field;
    case 'number':
      return Number.isFinite(field) ? field : JSON_NULL;
    case 'boolean':
      return field ? 1 : 0;
    default:
      return field === null ? JSON_NULL : null;
  }
}

/** Like `columnValue`, for a value that is asked for or was found in an index, and hence is not lacking. */
export const queryValue = (value: Json | undefined): string | number => columnValue(value) ?? JSON_NULL;

/** The order of the indexes: null, booleans and numbers, then text by code point. */
export function compareQueryValues(one: string | number, other: string | number): number {
  if (typeof one === 'string') return typeof other === 'string' ? compareText(one, other) : 1;
  if (typeof other === 'string') return -1;
  return one === other ? 0 : one < other ? -1 : 1;
}
