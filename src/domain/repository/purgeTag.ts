import type { Digest } from '../shared/digest.js';
import { isAlive, plusSeconds, type Timestamp } from '../shared/time.js';
import { ManifestUnknown, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import {
  active,
  isKept,
  liveTag,
  withDescendants,
  type ActiveRepository,
  type Keeping,
  type Repository,
} from './state.js';

export type PurgeTag = {
  readonly now: Timestamp;
  readonly tag: string;
  /** Whose stays that have ended are to go; null: the one that is alive. */
  readonly digest: Digest | null;
  /** The namespace's time-machine window: what ended before it is out of reach anyway. */
  readonly windowSeconds: number;
  /** Children of an index lose the time that a push by digest gave them (RESET_CHILD_MANIFEST_EXPIRATION). */
  readonly releaseChildren: boolean;
};

/** So that one event stays small. */
const DIGESTS_PER_EVENT = 500;
/** More would not fit into one append; the rest is merely kept. */
const MOST_DIGESTS = 6_000;

/**
 * Deletes a tag past the time machine: what it stood for cannot be seen or restored any more, and neither can the
 * manifests that nothing else leads to. In any state of the repository (contract: repositories §3.6).
 *
 * @throws RepositoryUnknown
 * @throws TagUnknown if there is no such stay
 * @throws ManifestUnknown
 */
export function decidePurgeTag(command: PurgeTag, repository: Repository): RepositoryEvent[] {
  const state = active(repository);
  const { now, tag, windowSeconds } = command;
  const since = plusSeconds(now, -windowSeconds);
  const alive = command.digest === null;
  const digest = alive ? liveTag(state, tag, now)?.digest : command.digest;
  if (digest === undefined) throw new TagUnknown(tag);
  if (!alive) checkHasEnded(state, { digest, tag, since, now });
  const gone = unreachableWithout(state, { tag, digest, alive, since }, command);
  const events: RepositoryEvent[] = [{ type: 'TagPurged', data: { tag, digest, alive, since } }];
  for (let start = 0; start < gone.length; start += DIGESTS_PER_EVENT) {
    events.push({ type: 'ManifestsPurged', data: { digests: gone.slice(start, start + DIGESTS_PER_EVENT) } });
  }
  return events;
}

type Stays = { readonly tag: string; readonly digest: Digest; readonly alive: boolean; readonly since: Timestamp };

function checkHasEnded(
  state: ActiveRepository,
  { digest, tag, since, now }: Omit<Stays, 'alive'> & { readonly now: Timestamp },
): void {
  const manifest = state.manifests.get(digest);
  if (!manifest || manifest.purged) throw new ManifestUnknown(digest);
  const ended = endOfStay(state, digest, tag, now);
  if (ended === undefined || ended <= since) throw new TagUnknown(tag);
}

/** When a tag left a manifest last; undefined if it never was there, or is there still. */
function endOfStay(state: ActiveRepository, digest: Digest, tag: string, now: Timestamp): Timestamp | undefined {
  const present = state.tags.get(tag);
  if (present?.digest === digest && present.end !== null && !isAlive(present.end, now)) return present.end;
  return state.ended.get(digest)?.get(tag);
}

/** The manifest and those that it leads to, as far as nothing else leads to them, now or by the time machine. */
function unreachableWithout(state: ActiveRepository, stays: Stays, { now, releaseChildren }: PurgeTag): Digest[] {
  const concerned = withDescendants(state, stays.digest);
  const released = new Set(releaseChildren ? concerned.slice(1) : []);
  const keeping: Keeping = {
    counts: ({ purged }) => !purged,
    keeps: (digest, { heldUntil }) =>
      (heldUntil !== undefined && isAlive(heldUntil, now) && !released.has(digest)) ||
      isLedToByAnother(state, digest, stays, now),
  };
  const there = concerned.filter((digest) => state.manifests.get(digest)?.purged === false);
  return there.filter((digest) => !isKept(state, digest, keeping, new Set())).slice(0, MOST_DIGESTS);
}

function isLedToByAnother(state: ActiveRepository, digest: Digest, stays: Stays, now: Timestamp): boolean {
  const purged = (tag: string, alive: boolean): boolean =>
    tag === stays.tag && digest === stays.digest && alive === stays.alive;
  for (const tag of state.tagsOf.get(digest) ?? []) {
    const alive = liveTag(state, tag, now) !== undefined;
    const end = state.tags.get(tag)?.end ?? null;
    if ((alive || (end !== null && end > stays.since)) && !purged(tag, alive)) return true;
  }
  for (const [tag, end] of state.ended.get(digest) ?? []) {
    if (end > stays.since && !purged(tag, false)) return true;
  }
  return false;
}
