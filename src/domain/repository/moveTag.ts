import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import { orphanedSiblings, tagDeletions } from './deleteTag.js';
import { ManifestUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import { isReachable, liveTag, writable, type Repository } from './state.js';
import { tagEnd } from './tagEnd.js';

export type MoveTag = { readonly now: Timestamp; readonly tag: string; readonly digest: Digest };

/**
 * Points a tag, which need not exist, at a manifest that a live tag leads to now. Also when it is there already: that
 * renews it, as a push does.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown
 * @see contract: repositories §3.3
 */
export function decideMoveTag({ now, tag, digest }: MoveTag, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const manifest = state.manifests.get(digest);
  if (!manifest || !isReachable(state, digest, now)) throw new ManifestUnknown(digest);
  const previous = liveTag(state, tag, now)?.digest ?? null;
  return [
    { type: 'TagMoved', data: { tag, digest, previous, end: tagEnd(state, manifest.record, now) } },
    ...tagDeletions(state, orphanedSiblings(state, { digest, tags: [tag], now })),
  ];
}
