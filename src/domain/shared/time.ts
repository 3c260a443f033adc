import type { Brand } from './brand.js';

/** RFC 3339, UTC, exactly three fractional digits (`2026-06-18T18:59:13.042Z`), so that text order is time order. */
export type Timestamp = Brand<string, 'Timestamp'>;

let printed = { milliseconds: 0, text: '1970-01-01T00:00:00.000Z' as Timestamp };

/** Under load the same millisecond is asked for many times in a row: printing it once is enough. */
export function timestamp(milliseconds: number): Timestamp {
  if (milliseconds !== printed.milliseconds) {
    printed = { milliseconds, text: new Date(milliseconds).toISOString() as Timestamp };
  }
  return printed.text;
}

export const millisecondsOf = (at: Timestamp): number => (at === printed.text ? printed.milliseconds : Date.parse(at));

export const later = (one: Timestamp, other: Timestamp | undefined): Timestamp =>
  other !== undefined && other > one ? other : one;

export const plusSeconds = (at: Timestamp, seconds: number): Timestamp => timestamp(Date.parse(at) + seconds * 1000);

/** An end in the future, or none at all: what is alive at `now` (design: "a tag is alive when its end is null or later"). */
export const isAlive = (end: Timestamp | null, now: Timestamp): boolean => end === null || end > now;
