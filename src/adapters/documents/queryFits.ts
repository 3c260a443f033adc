import type { IndexQuery } from '../../ports/documentStore.js';

/** @throws RangeError if the query does not fit an index of these fields, or has no sensible limit */
export function checkFits(query: IndexQuery, fields: readonly string[]): void {
  const { index, equals, from, below } = query;
  if (equals.length > fields.length) throw new RangeError(`index ${index} has only ${fields.length} fields`);
  if ((from !== undefined || below !== undefined) && equals.length === fields.length) {
    throw new RangeError(`index ${index} has no field left for a range`);
  }
  checkLimit(query);
}

/** @throws RangeError if the query goes by something else than bounds, or has no sensible limit */
export function checkFitsKeys(query: IndexQuery): void {
  checkLimit(query);
  if (query.equals.length > 0) throw new RangeError('keys are asked for by their bounds, or one by one');
}

function checkLimit({ limit, skip = 0 }: IndexQuery): void {
  if (!Number.isSafeInteger(skip) || skip < 0) throw new RangeError(`${skip} documents cannot be passed over`);
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new RangeError(`a page of ${limit} documents cannot be asked for`);
  }
}
