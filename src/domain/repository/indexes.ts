import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import type { Reference } from './events.js';
import type { ActiveRepository } from './state.js';

/** Keeps `namedBy` in step with a manifest's references. */
export function indexReferences(state: ActiveRepository, digest: Digest, references: readonly Reference[]): void {
  for (const reference of references) {
    const namers = state.namedBy.get(reference.digest);
    if (namers) namers.add(digest);
    else state.namedBy.set(reference.digest, new Set([digest]));
  }
}

/** Keeps `tagsOf` in step with `tags`. */
export function pointTag(
  state: ActiveRepository,
  tag: string,
  digest: Digest,
  since: Timestamp,
  end: Timestamp | null,
): void {
  closeTag(state, tag);
  state.tags.set(tag, { digest, since, end });
  const tags = state.tagsOf.get(digest);
  if (tags) tags.add(tag);
  else state.tagsOf.set(digest, new Set([tag]));
}

export function closeTag(state: ActiveRepository, tag: string): void {
  const digest = state.tags.get(tag)?.digest;
  if (digest === undefined) return;
  state.tags.delete(tag);
  const tags = state.tagsOf.get(digest);
  tags?.delete(tag);
  if (tags?.size === 0) state.tagsOf.delete(digest);
}
