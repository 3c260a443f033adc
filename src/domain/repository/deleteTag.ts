import type { Digest } from '../shared/digest.js';
import { cosignTagsOf } from '../shared/tag.js';
import type { Timestamp } from '../shared/time.js';
import { ManifestReferenced, ManifestUnknown, TagUnknown } from './errors.js';
import type { RepositoryEvent } from './events.js';
import {
  isVisible,
  liveTag,
  liveTagsOf,
  visibleParent,
  writable,
  type ActiveRepository,
  type Repository,
} from './state.js';

export type DeleteTag = { readonly now: Timestamp; readonly tag: string };

/** @throws RepositoryUnknown, RepositoryNotWritable, TagUnknown */
export function decideDeleteTag({ now, tag }: DeleteTag, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  const found = liveTag(state, tag, now);
  if (!found) throw new TagUnknown(tag);
  return tagDeletions(state, [tag, ...cosignSiblings(state, found.digest, [tag], now)]);
}

export type DeleteManifest = { readonly now: Timestamp; readonly digest: Digest };

/** So that what they say fits into one append (1 MiB). */
const TAGS_PER_APPEND = 256;

/**
 * Every live tag on the digest goes, and the manifest with them, at once: also when it was reachable without a tag.
 * Of more tags than fit into one append only some go: decide again until there is a `ManifestDeleted`.
 *
 * @throws RepositoryUnknown, RepositoryNotWritable, ManifestUnknown, ManifestReferenced
 */
export function decideDeleteManifest({ now, digest }: DeleteManifest, repository: Repository): RepositoryEvent[] {
  const state = writable(repository);
  if (!isVisible(state, digest, now)) throw new ManifestUnknown(digest);
  const parent = visibleParent(state, digest, now);
  if (parent !== undefined) throw new ManifestReferenced(digest, parent);
  const tags = liveTagsOf(state, digest, now);
  if (tags.length > TAGS_PER_APPEND) return tagDeletions(state, tags.slice(0, TAGS_PER_APPEND));
  return [
    ...tagDeletions(state, [...tags, ...cosignSiblings(state, digest, tags, now)]),
    { type: 'ManifestDeleted', data: { digest } },
  ];
}

export const tagDeletions = (state: ActiveRepository, tags: readonly string[]): RepositoryEvent[] =>
  tags.flatMap((tag): RepositoryEvent[] => {
    const found = state.tags.get(tag);
    return found ? [{ type: 'TagDeleted', data: { tag, digest: found.digest } }] : [];
  });

/**
 * The tags under which cosign keeps signatures, attestations and SBOMs of a manifest go with its last live tag
 * (contract: registry-v2 §7.3 step 6).
 *
 * @param leaving the tags that the manifest is about to lose
 */
export function cosignSiblings(
  state: ActiveRepository,
  digest: Digest,
  leaving: readonly string[],
  now: Timestamp,
): string[] {
  if (liveTagsOf(state, digest, now).some((tag) => !leaving.includes(tag))) return [];
  return cosignTagsOf(digest).filter((tag) => !leaving.includes(tag) && liveTag(state, tag, now));
}

/** The cosign tags of manifests that lose their last tag because tags are pointed at another one. */
export function orphanedSiblings(
  state: ActiveRepository,
  { digest, tags, now }: { readonly digest: Digest; readonly tags: readonly string[]; readonly now: Timestamp },
): string[] {
  const left = new Set(tags.map((tag) => liveTag(state, tag, now)?.digest));
  left.delete(digest);
  return [...left].flatMap((previous) => (previous === undefined ? [] : cosignSiblings(state, previous, tags, now)));
}
