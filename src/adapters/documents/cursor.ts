import { hash } from 'node:crypto';
import type { IndexQuery } from '../../ports/documentStore.js';
import { InvalidCursor } from '../../ports/errors.js';
import { columnValue } from './indexValue.js';

/** Where a page ended: the last document's values of the fields that `equals` leaves open, and its key. */
export type PageEnd = { readonly values: readonly (string | number)[]; readonly key: string };

const FINGERPRINT_LENGTH = 11;
/** JSON has no infinities; in a cursor null stands for the lowest value as it does in the document. */
type Written = readonly [fingerprint: string, key: string, ...values: (string | number | null)[]];

export function encodeCursor(query: IndexQuery, { values, key }: PageEnd): string {
  const written: Written = [fingerprint(query), key, ...values];
  return Buffer.from(JSON.stringify(written)).toString('base64url');
}

/** @throws InvalidCursor if the cursor is damaged or was given by a query with another index, equals or order */
export function decodeCursor(query: IndexQuery, cursor: string, valueCount: number): PageEnd {
  const [origin, key, ...values] = parse(cursor);
  if (origin !== fingerprint(query) || typeof key !== 'string' || values.length !== valueCount)
    throw new InvalidCursor();
  return { key, values: values.map(value) };
}

function parse(cursor: string): readonly unknown[] {
  try {
    const written: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(written)) return written;
  } catch {
    // Not JSON: answered below like everything else that is no cursor.
  }
  throw new InvalidCursor();
}

function value(written: unknown): string | number {
  if (typeof written !== 'string' && typeof written !== 'number' && written !== null) throw new InvalidCursor();
  const column = columnValue(written);
  if (column === null) throw new InvalidCursor();
  return column;
}

const fingerprint = ({ index, equals, order = 'ascending' }: IndexQuery): string =>
  hash('sha1', JSON.stringify([index, equals, order]), 'base64url').slice(0, FINGERPRINT_LENGTH);
