import type { RepositoryEvent, RepositoryEvents } from '../../src/domain/repository/events.js';
import type { Digest } from '../../src/domain/shared/digest.js';
import type { Happened } from '../../src/domain/shared/event.js';
import { isAlive, later, millisecondsOf, timestamp, type Timestamp } from '../../src/domain/shared/time.js';
import type { TagStay } from '../../src/projections/tagListing.js';

/** One stay of a tag, as its repository's events tell it. */
export type Stay = {
  readonly tag: string;
  readonly digest: Digest;
  readonly start: Timestamp;
  end: Timestamp | null;
  readonly restored: boolean;
  open: boolean;
  purged: boolean;
};

/** All stays, in the order in which they began: without any thought of speed. */
export function staysIn(events: readonly Happened<RepositoryEvent>[]): Stay[] {
  const stays: Stay[] = [];
  for (const event of events) apply(event, stays);
  return stays;
}

function apply(event: Happened<RepositoryEvent>, stays: Stay[]): void {
  const { at, type, data } = event;
  if (type === 'TagMoved' || type === 'TagRestored') {
    const { tag, digest, end } = data;
    close(stays, tag, at);
    stays.push({ tag, digest, start: at, end, restored: type === 'TagRestored', open: true, purged: false });
  } else if (type === 'TagExpirySet') {
    const stay = openStay(stays, data.tag);
    if (stay) stay.end = data.end === null ? null : later(data.end, at);
  } else if (type === 'TagDeleted' || type === 'TagExpired') close(stays, data.tag, at);
  else if (type === 'TagPurged') purge(data, stays, at);
}

function purge({ tag, digest, alive, since }: RepositoryEvents['TagPurged'], stays: Stay[], at: Timestamp): void {
  const present = openStay(stays, tag);
  if (alive) {
    if (present) Object.assign(present, { open: false, purged: true, end: since });
    return;
  }
  if (present?.digest === digest && !isAlive(present.end, at)) close(stays, tag, at);
  const ended = stays.filter((stay) => stay.tag === tag && stay.digest === digest && !stay.open && !stay.purged);
  for (const stay of ended.filter(({ end }) => end !== null && end > since))
    Object.assign(stay, { purged: true, end: timestamp(millisecondsOf(since) - 1) });
}

const openStay = (stays: readonly Stay[], tag: string): Stay | undefined =>
  stays.find((stay) => stay.tag === tag && stay.open);

function close(stays: readonly Stay[], tag: string, at: Timestamp): void {
  const stay = openStay(stays, tag);
  if (!stay) return;
  stay.open = false;
  if (isAlive(stay.end, at)) stay.end = at;
}

/** As a list of tags shows them: newest first, then by name; of two that began at once the later one first. */
export const shownStays = (stays: readonly Stay[]): TagStay[] =>
  stays
    .map((stay, index) => ({ stay, index }))
    .sort((one, other) => comparePlaces(one.stay, other.stay) || other.index - one.index)
    .map(({ stay: { tag, digest, start, end, restored } }) => ({ tag, digest, start, end, restored }));

type Place = Pick<Stay, 'start' | 'tag'>;

/** Newest first, then by name. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.start !== other.start) return one.start > other.start ? -1 : 1;
  return one.tag === other.tag ? 0 : one.tag < other.tag ? -1 : 1;
}
