import type { Digest } from '../shared/digest.js';
import type { NamespaceId } from '../shared/ids.js';
import { isAlive, type Timestamp } from '../shared/time.js';
import { RepositoryUnknown } from './errors.js';
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
  /** Deleted by digest since it was last pushed. */
  readonly deleted: boolean;
};

/** What the deciders of one repository judge by: the fold of its stream. */
export type ActiveRepository = {
  readonly kind: 'active';
  readonly namespaceId: NamespaceId;
  readonly name: string;
  readonly visibility: Visibility;
  readonly state: RepositoryState;
  readonly permissions: Map<string, Role>;
  /** Tags that no event has closed; one past its end is here until `TagExpired`, but not alive. */
  readonly tags: Map<string, TagState>;
  readonly manifests: Map<Digest, ManifestState>;
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

/**
 * A manifest is visible if a live tag points at it, its time without a tag runs, or it is a child of a visible one —
 * and it was not deleted by digest since it was last pushed.
 */
export const isVisible = (state: ActiveRepository, digest: Digest, now: Timestamp): boolean =>
  isKept(state, digest, now, new Set());

/** A visible manifest that names the content, if there is one. */
export function visibleParent(state: ActiveRepository, digest: Digest, now: Timestamp): Digest | undefined {
  const lookedAt = new Set<Digest>();
  for (const parent of state.namedBy.get(digest) ?? []) {
    if (isKept(state, parent, now, lookedAt)) return parent;
  }
  return undefined;
}

/**
 * Walks up from a manifest to those that name it. Indexes may be nested as clients like, so each is looked at once,
 * however many ways lead to it.
 *
 * @param lookedAt manifests that are known not to be visible
 */
function isKept(state: ActiveRepository, digest: Digest, now: Timestamp, lookedAt: Set<Digest>): boolean {
  const open = [digest];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const manifest = state.manifests.get(next);
    if (!manifest || manifest.deleted || lookedAt.has(next)) continue;
    lookedAt.add(next);
    if (manifest.heldUntil !== undefined && isAlive(manifest.heldUntil, now)) return true;
    if (hasLiveTag(state, next, now)) return true;
    for (const parent of state.namedBy.get(next) ?? []) open.push(parent);
  }
  return false;
}

function hasLiveTag(state: ActiveRepository, digest: Digest, now: Timestamp): boolean {
  for (const tag of state.tagsOf.get(digest) ?? []) if (liveTag(state, tag, now)) return true;
  return false;
}
