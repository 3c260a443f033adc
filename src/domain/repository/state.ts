import type { Digest } from '../shared/digest.js';
import type { NamespaceId } from '../shared/ids.js';
import { isAlive, type Timestamp } from '../shared/time.js';
import { RepositoryNotWritable, RepositoryUnknown } from './errors.js';
import type { Grantee, ManifestRecord, RepositoryState, Role, Visibility } from './events.js';

export type TagState = {
  readonly digest: Digest;
  readonly since: Timestamp;
  /** When it stops being alive; null: never. */
  readonly end: Timestamp | null;
};

export type ManifestState = {
  /** What the last push said of it, references complete. */
  readonly record: ManifestRecord;
  /** Kept without a tag until then; null: without end; undefined: only tags and parents keep it. */
  readonly heldUntil: Timestamp | null | undefined;
  /** Deleted by digest since it was last pushed, or purged. */
  readonly deleted: boolean;
  /** Only another push brings it back. */
  readonly purged: boolean;
};

/** What the deciders of one repository judge by: the fold of its stream. */
export type ActiveRepository = {
  readonly kind: 'active';
  readonly namespaceId: NamespaceId;
  readonly name: string;
  readonly description: string | null;
  readonly visibility: Visibility;
  readonly state: RepositoryState;
  readonly permissions: Map<string, Role>;
  /** Tags that no event has closed; one past its end is here until `TagExpired`, but not alive. */
  readonly tags: Map<string, TagState>;
  readonly manifests: Map<Digest, ManifestState>;
  /** When each tag that left a manifest did so last; without what was purged. */
  readonly ended: Map<Digest, Map<string, Timestamp>>;
  /** Labels that were added to a manifest, by their ids. */
  readonly labels: Map<Digest, Set<string>>;
  /** Which tags point at a manifest. */
  readonly tagsOf: Map<Digest, Set<string>>;
  /** Which manifests name a content (blob or child manifest). */
  readonly namedBy: Map<Digest, Set<Digest>>;
};

export type Repository = { readonly kind: 'none' | 'abandoned' | 'deleted' } | ActiveRepository;

export const granteeKey = ({ kind, id }: Grantee): string => `${kind}:${id}`;

/** @throws RepositoryUnknown */
export function active(state: Repository): ActiveRepository {
  if (state.kind !== 'active') throw new RepositoryUnknown();
  return state;
}

export function liveTag(state: ActiveRepository, tag: string, now: Timestamp): TagState | undefined {
  const found = state.tags.get(tag);
  return found && isAlive(found.end, now) ? found : undefined;
}

export const liveTagsOf = (state: ActiveRepository, digest: Digest, now: Timestamp): string[] =>
  [...(state.tagsOf.get(digest) ?? [])].filter((tag) => liveTag(state, tag, now));

/** @throws RepositoryUnknown, RepositoryNotWritable */
export function writable(repository: Repository): ActiveRepository {
  const state = active(repository);
  if (state.state === 'READ_ONLY') throw new RepositoryNotWritable(state.state);
  return state;
}

/** What keeps a manifest for a question. */
export type Keeping = {
  /** Those that do not count neither keep themselves nor what they name. */
  readonly counts: (manifest: ManifestState) => boolean;
  /** Whether it is kept by itself, those that name it left aside. */
  readonly keeps: (digest: Digest, manifest: ManifestState) => boolean;
};

/**
 * A manifest is visible if a live tag points at it, its time without a tag runs, or it is a child of a visible one —
 * and it was not deleted by digest since it was last pushed.
 */
export const isVisible = (state: ActiveRepository, digest: Digest, now: Timestamp): boolean =>
  isKept(state, digest, visibly(state, now), new Set());

/** The management API shows only what a live tag leads to (contract: repositories §3.3). */
export const isReachable = (state: ActiveRepository, digest: Digest, now: Timestamp): boolean =>
  isKept(state, digest, { counts: undeleted, keeps: (next) => hasLiveTag(state, next, now) }, new Set());

/** A visible manifest that names the content, if there is one. */
export function visibleParent(state: ActiveRepository, digest: Digest, now: Timestamp): Digest | undefined {
  const lookedAt = new Set<Digest>();
  for (const parent of state.namedBy.get(digest) ?? []) {
    if (isKept(state, parent, visibly(state, now), lookedAt)) return parent;
  }
  return undefined;
}

/**
 * Walks up from a manifest to those that name it. Indexes may be nested as clients like, so each is looked at once,
 * however many ways lead to it.
 *
 * @param lookedAt manifests that are known not to be kept
 */
export function isKept(
  state: ActiveRepository,
  digest: Digest,
  { counts, keeps }: Keeping,
  lookedAt: Set<Digest>,
): boolean {
  const open = [digest];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const manifest = state.manifests.get(next);
    if (!manifest || !counts(manifest) || lookedAt.has(next)) continue;
    lookedAt.add(next);
    if (keeps(next, manifest)) return true;
    for (const parent of state.namedBy.get(next) ?? []) open.push(parent);
  }
  return false;
}

/** A manifest, its children, their children, whether or not they are there; each once. */
export function withDescendants(state: ActiveRepository, digest: Digest): Digest[] {
  const among = new Set([digest]);
  // What is added while it is walked through is walked through too.
  for (const next of among) {
    for (const { kind, digest: named } of state.manifests.get(next)?.record.references ?? []) {
      if (kind === 'child') among.add(named);
    }
  }
  return [...among];
}

const undeleted = ({ deleted }: ManifestState): boolean => !deleted;

const visibly = (state: ActiveRepository, now: Timestamp): Keeping => ({
  counts: undeleted,
  keeps: (digest, { heldUntil }) =>
    (heldUntil !== undefined && isAlive(heldUntil, now)) || hasLiveTag(state, digest, now),
});

function hasLiveTag(state: ActiveRepository, digest: Digest, now: Timestamp): boolean {
  for (const tag of state.tagsOf.get(digest) ?? []) if (liveTag(state, tag, now)) return true;
  return false;
}
