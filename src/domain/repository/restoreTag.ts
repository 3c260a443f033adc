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

/** A restored index brings back its children, also those that were deleted by digest after it; each is told once. */
function deletedAmong(state: ActiveRepository, digest: Digest): Digest[] {
  const among = new Set([digest]);
  // What is added while it is walked through is walked through too.
  for (const next of among) {
    for (const { kind, digest: named } of state.manifests.get(next)?.record.references ?? []) {
      if (kind === 'child') among.add(named);
    }
  }
  return [...among].filter((next) => state.manifests.get(next)?.deleted);
}

export type SetTagExpiry = { readonly now: Timestamp; readonly tag: string; readonly end: Timestamp | null };

/** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
export function decideSetTagExpiry({ now, tag, end }: SetTagExpiry, repository: Repository): RepositoryEvent[] {
  const state = active(repository);
  if (state.state === 'READ_ONLY') throw new RepositoryNotWritable(state.state);
  const found = liveTag(state, tag, now);
  if (!found) throw new TagUnknown(tag);
  return [{ type: 'TagExpirySet', data: { tag, digest: found.digest, end } }];
}
