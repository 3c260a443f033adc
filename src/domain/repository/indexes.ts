import type { Digest } from '../shared/digest.js';
import type { Timestamp } from '../shared/time.js';
import type { Reference } from './events.js';
import type { ActiveRepository, TagState } from './state.js';

/** Keeps `namedBy` in step with a manifest's references. */
export function indexReferences(state: ActiveRepository, digest: Digest, references: readonly Reference[]): void {
  for (const reference of references) {
    const namers = state.namedBy.get(reference.digest);
    if (namers) namers.add(digest);
    else state.namedBy.set(reference.digest, new Set([digest]));
  }
}

/** Keeps `tagsOf` in step with `tags`. What the tag pointed at before must have been closed. */
export function openTag(state: ActiveRepository, tag: string, { digest, since, end }: TagState): void {
  state.tags.set(tag, { digest, since, end });
  const tags = state.tagsOf.get(digest);
  if (tags) tags.add(tag);
  else state.tagsOf.set(digest, new Set([tag]));
}

/** @param at when it ends, unless it had ended by itself before; null: it leaves no trace to come back by */
export function closeTag(state: ActiveRepository, tag: string, at: Timestamp | null): void {
  const found = state.tags.get(tag);
  if (!found) return;
  const { digest, end } = found;
  state.tags.delete(tag);
  const tags = state.tagsOf.get(digest);
  tags?.delete(tag);
  if (tags?.size === 0) state.tagsOf.delete(digest);
  if (at !== null) endStay(state, digest, tag, end !== null && end < at ? end : at);
}

export function endStay(state: ActiveRepository, digest: Digest, tag: string, at: Timestamp): void {
  const tags = state.ended.get(digest);
  if (tags) tags.set(tag, at);
  else state.ended.set(digest, new Map([[tag, at]]));
}

export function forgetStays(state: ActiveRepository, digest: Digest, tag: string): void {
  const tags = state.ended.get(digest);
  tags?.delete(tag);
  if (tags?.size === 0) state.ended.delete(digest);
}

export function addLabel(state: ActiveRepository, digest: Digest, labelId: string): void {
  const labels = state.labels.get(digest);
  if (labels) labels.add(labelId);
  else state.labels.set(digest, new Set([labelId]));
}

export function removeLabel(state: ActiveRepository, digest: Digest, labelId: string): void {
  const labels = state.labels.get(digest);
  labels?.delete(labelId);
  if (labels?.size === 0) state.labels.delete(digest);
}
