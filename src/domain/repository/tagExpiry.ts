import { millisecondsOf, timestamp, type Timestamp } from '../shared/time.js';
import { ExpirationInvalid, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { liveTag, writable, type Repository } from './state.js';

export type SetTagExpiry = { readonly now: Timestamp; readonly tag: string; readonly end: Timestamp | null };

/** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
export function decideSetTagExpiry({ now, tag, end }: SetTagExpiry, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const found = liveTag(state, tag, now);
  if (!found) throw new TagUnknown(tag);
  return [{ type: 'TagExpirySet', data: { tag, digest: found.digest, end } }];
}

/** How long a tag may be given to live, from its start, in seconds (LABELED_EXPIRATION_MINIMUM and _MAXIMUM). */
export type TagLifetimes = { readonly minimumSeconds: number; readonly maximumSeconds: number };

export type ChangeTagExpiration = {
  readonly now: Timestamp;
  readonly tag: string;
  /** When somebody wants the tag to end, in seconds since the epoch; null: never. */
  readonly expiration: number | null;
  readonly lifetimes: TagLifetimes;
};

/** The end of the year 9999: what lies beyond is no date to Quay. */
const LAST_SECOND = 253_402_300_799;

/**
 * What is wished for is moved to what is allowed, counted in whole seconds from the tag's start.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown, ExpirationInvalid
 * @see contract: repositories §3.3
 */
export function decideChangeTagExpiration(
  { now, tag, expiration, lifetimes }: ChangeTagExpiration,
  repository: Repository,
): RepositoryEvent[] {
  const state = writable(repository);
  const found = liveTag(state, tag, now);
  if (!found) throw new TagUnknown(tag);
  if (expiration !== null && (expiration * 1000 <= millisecondsOf(now) || expiration > LAST_SECOND))
    throw new ExpirationInvalid();
  if (expiration === null && found.end === null) return [];
  const end = expiration === null ? null : allowedEnd(found.since, expiration, lifetimes);
  return [{ type: 'TagExpirySet', data: { tag, digest: found.digest, end } }];
}

function allowedEnd(since: Timestamp, expiration: number, { minimumSeconds, maximumSeconds }: TagLifetimes): Timestamp {
  const start = millisecondsOf(since);
  const wished = Math.floor(expiration) - Math.floor(start / 1000);
  return timestamp(start + Math.min(Math.max(wished, minimumSeconds), maximumSeconds) * 1000);
}
