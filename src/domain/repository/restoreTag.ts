import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import { ManifestUnknown, RepositoryNotWritable, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { active, liveTag, type ActiveRepository, type Repository } from './state.js';

export type RestoreTag = { readonly now: Timestamp; readonly tag: string; readonly digest: Digest };

/**
 * Points a tag back at a manifest that the repository still has, deleted or not.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown
 */
export function decideRestoreTag({ now, tag, digest }: RestoreTag, repository: Repository): RepositoryEvent[] {
  const state = active(repository);
  if (state.state === 'READ_ONLY') throw new RepositoryNotWritable(state.state);
  if (!state.manifests.has(digest)) throw new ManifestUnknown(digest);
  const previous = liveTag(state, tag, now)?.digest ?? null;
  return [{ type: 'TagRestored', data: { tag, digest, previous, revived: deletedAmong(state, digest) } }];
}

/** A restored index brings back its children, also those that were deleted by digest after it. */
function deletedAmong(state: ActiveRepository, digest: Digest): Digest[] {
  const manifest = state.manifests.get(digest);
  if (!manifest) return [];
  const children = manifest.record.references.filter(({ kind }) => kind === 'child');
  return [...(manifest.deleted ? [digest] : []), ...children.flatMap((child) => deletedAmong(state, child.digest))];
}

export type SetTagExpiry = { readonly now: Timestamp; readonly tag: string; readonly end: Timestamp | null };

/** @throws RepositoryUnknown, TagUnknown */
export function decideSetTagExpiry({ now, tag, end }: SetTagExpiry, repository: Repository): RepositoryEvent[] {
  const found = liveTag(active(repository), tag, now);
  if (!found) throw new TagUnknown(tag);
  return [{ type: 'TagExpirySet', data: { tag, digest: found.digest, end } }];
}
