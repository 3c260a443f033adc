import { timestamp, type Timestamp } from './time.js';

/** `at-20260618t185913z`: lower case, because image names must be. */
const AS_OF = /^at-(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})z$/;

/** Characters of every as-of namespace; callers on the hot path look at this place before anything else. */
export const AS_OF_LENGTH = 19;

/** Reserved by its form alone, whether or not such a moment exists: nobody can create it (contract v2 §1). */
export const isAsOfNamespace = (text: string): boolean => text.length === AS_OF_LENGTH && AS_OF.test(text);

/** @returns the moment that an as-of namespace names; null for another form and for a date or time that does not exist */
export function momentOfNamespace(text: string): Timestamp | null {
  if (!isAsOfNamespace(text)) return null;
  const milliseconds = Date.parse(text.replace(AS_OF, '$1-$2-$3T$4:$5:$6.000Z'));
  if (Number.isNaN(milliseconds)) return null;
  const moment = timestamp(milliseconds);
  // Date may carry what overflows (31 June becomes 1 July); only a moment that prints the same was meant.
  return asOfNamespace(moment) === text ? moment : null;
}

/** The namespace that names this moment, to the second: what is finer is cut off. */
export const asOfNamespace = (moment: Timestamp): string =>
  `at-${moment.slice(0, 19).replaceAll('-', '').replaceAll(':', '').toLowerCase()}z`;
