import type { Brand } from './brand.js';

/** RFC 3339, UTC, exactly three fractional digits (`2026-06-18T18:59:13.042Z`), so that text order is time order. */
export type Timestamp = Brand<string, 'Timestamp'>;

export const timestamp = (milliseconds: number): Timestamp => new Date(milliseconds).toISOString() as Timestamp;

export const millisecondsOf = (at: Timestamp): number => Date.parse(at);

export const later = (one: Timestamp, other: Timestamp | undefined): Timestamp =>
  other !== undefined && other > one ? other : one;

export const plusSeconds = (at: Timestamp, seconds: number): Timestamp => timestamp(Date.parse(at) + seconds * 1000);

/** An end in the future, or none at all: what is alive at `now` (design: "a tag is alive when its end is null or later"). */
export const isAlive = (end: Timestamp | null, now: Timestamp): boolean => end === null || end > now;
