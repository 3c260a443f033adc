import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import { orphanedSiblings, tagDeletions } from './deleteTag.js';
import { ManifestUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { liveTag, withDescendants, writable, type ActiveRepository, type Repository } from './state.js';
import { tagEnd } from './tagEnd.js';

export type RestoreTag = { readonly now: Timestamp; readonly tag: string; readonly digest: Digest };

/**
 * Points a tag back at a manifest that the repository still has, deleted or not; what was purged it has no longer.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown
 */
export function decideRestoreTag({ now, tag, digest }: RestoreTag, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const manifest = state.manifests.get(digest);
  if (!manifest || manifest.purged) throw new ManifestUnknown(digest);
  const previous = liveTag(state, tag, now)?.digest ?? null;
  const end = tagEnd(state, manifest.record, now);
  return [
    { type: 'TagRestored', data: { tag, digest, previous, revived: deletedAmong(state, digest), end } },
    ...tagDeletions(state, orphanedSiblings(state, { digest, tags: [tag], now })),
  ];
}

/** A restored index brings back its children, also those that were deleted by digest after it; each is told once. */
const deletedAmong = (state: ActiveRepository, digest: Digest): Digest[] =>
  withDescendants(state, digest).filter((next) => {
    const manifest = state.manifests.get(next);
    return manifest?.deleted === true && !manifest.purged;
  });
