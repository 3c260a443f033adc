import { BY_KEY, type CollectionSpec, type IndexQuery } from '../../../ports/documentStore.js';
import { UnknownIndex } from '../../../ports/errors.js';
import { compareText } from '../../sqlite/text.js';
import { decodeCursor, encodeCursor } from '../cursor.js';
import { checkFits, checkFitsKeys } from '../queryFits.js';
import { above, leading } from './indexKeys.js';

/** A query as a range of one text field, in its order. Bounds are as tight as they can be. */
export type TextRange = {
  readonly low?: { readonly text: string; readonly inclusive: boolean };
  readonly high?: string;
};

/**
 * @throws UnknownIndex
 * @throws InvalidCursor
 * @throws RangeError if the query does not fit the index, or has no sensible limit
 */
export function rangeOf(collection: CollectionSpec, query: IndexQuery): TextRange {
  const whole = query.index === BY_KEY ? keyRange(query) : indexRange(collection, query);
  if (query.cursor === undefined) return whole;
  return cut(whole, decodeCursor(query, query.cursor, 0).key, query.order);
}

/** @param place of the last document of the page, in the index or among the keys */
export const cursorAt = (query: IndexQuery, place: string): string => encodeCursor(query, { values: [], key: place });

function indexRange({ name, indexes }: CollectionSpec, query: IndexQuery): TextRange {
  const fields = Object.hasOwn(indexes, query.index) ? indexes[query.index] : undefined;
  if (!fields) throw new UnknownIndex(name, query.index);
  checkFits(query, fields);
  const { equals, from, below } = query;
  const prefix = leading(equals);
  return {
    low: { text: from === undefined ? prefix : prefix + leading([from]), inclusive: true },
    high: below === undefined ? above(prefix) : prefix + leading([below]),
  };
}

/** Keys are text: what is no text is below all of them. */
function keyRange(query: IndexQuery): TextRange {
  checkFitsKeys(query);
  const { from, below } = query;
  return {
    ...(typeof from === 'string' ? { low: { text: from, inclusive: true } } : {}),
    ...(below === undefined ? {} : { high: typeof below === 'string' ? below : '' }),
  };
}

/** What lies past a place, never more than the range. */
function cut(range: TextRange, past: string, order: IndexQuery['order'] = 'ascending'): TextRange {
  if (order === 'descending') {
    return range.high !== undefined && compareText(range.high, past) <= 0 ? range : { ...range, high: past };
  }
  return range.low && compareText(range.low.text, past) > 0
    ? range
    : { ...range, low: { text: past, inclusive: false } };
}
