import type { JsonObject } from '../../../domain/shared/json.js';
import type { CollectionSpec, IndexValue } from '../../../ports/documentStore.js';
import { columnValue, queryValue, type ColumnValue } from '../indexValue.js';

/**
 * Where a document stands in an index, as one text: its fields' values one after the other, then its key. The engine
 * orders text by code point; the parts are written so that this is the order of the values, and so that everything
 * with the same leading values begins with the same text. Then an index is a plain ascending one over one field, and a
 * query is a range of it.
 *
 * - a number: `n` and the 16 hexadecimal digits of its bits, changed so that they sort; false is 0, true is 1, and
 *   null is lower than all
 * - text: `t`, the text, and a terminator that is lower than every other character
 */
export function indexKey(fields: readonly string[], key: string, document: JsonObject): string | undefined {
  let written = '';
  for (const field of fields) {
    const value = Object.hasOwn(document, field) ? columnValue(document[field]) : null;
    if (value === null) return undefined;
    written += encode(value);
  }
  return written + escape(key);
}

/** The indexed places of a document, by index; an index is lacking if the document is not in it. */
export function indexKeys(
  { indexes }: CollectionSpec,
  key: string,
  document: JsonObject,
): Readonly<Record<string, string>> {
  const entries = Object.entries(indexes).flatMap(([index, fields]) => {
    const place = indexKey(fields, key, document);
    return place === undefined ? [] : [[index, place] as const];
  });
  return Object.fromEntries(entries);
}

/** What the places of all documents with these leading values begin with. */
export const leading = (values: readonly IndexValue[]): string =>
  values.map((value) => encode(queryValue(value))).join('');

/** The lowest text above all that begin with what `leading` gave. */
export function above(prefix: string): string {
  if (prefix === '') return 'u';
  // It ends with a terminator or a hexadecimal digit: there is a next character.
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}

const TERMINATOR = '\u0001';
const SIGN = 1n << 63n;
const ALL = (1n << 64n) - 1n;

const encode = (value: NonNullable<ColumnValue>): string =>
  typeof value === 'string' ? `t${escape(value)}${TERMINATOR}` : `n${sortableBits(value)}`;

/** The lowest characters are written as two, in the same order, to make room for the terminator. */
const escape = (text: string): string =>
  text.toWellFormed().replace(/[\0\u0001\u0002]/g, (character) => `\u0002${character.charCodeAt(0)}`);

const bits = new DataView(new ArrayBuffer(8));

/** The bits of a double sort like their numbers once those of negative ones are inverted, and the others' sign set. */
function sortableBits(value: number): string {
  bits.setFloat64(0, value + 0);
  const raw = bits.getBigUint64(0);
  return (raw & SIGN ? raw ^ ALL : raw | SIGN).toString(16).padStart(16, '0');
}
