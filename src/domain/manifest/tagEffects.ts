import { parseExpiresAfter } from '../shared/tag.js';

export const EXPIRES_AFTER = 'quay.expires-after';
export const IMMUTABLE = 'quay.immutable';

/** Labels that change what becomes of the tags of their manifest. */
export const EFFECT_LABELS: readonly string[] = [EXPIRES_AFTER, IMMUTABLE];

type Label = { readonly key: string; readonly value: string };

/** What labels do to a tag when it is created on their manifest. */
export type TagEffects = { readonly expiresAfterSeconds: number | null; readonly immutable: boolean };

/**
 * What the labels of a manifest do to a new tag on it. Of several labels with one key the last valid one counts.
 *
 * @see contract v2 §16
 */
export function tagEffects(labels: Iterable<Label>): TagEffects {
  let expiresAfterSeconds: number | null = null;
  let immutable = false;
  for (const { key, value } of labels) {
    if (key === EXPIRES_AFTER) expiresAfterSeconds = parseExpiresAfter(value) ?? expiresAfterSeconds;
    if (key === IMMUTABLE) immutable = value.trim().toLowerCase() === 'true';
  }
  return { expiresAfterSeconds, immutable };
}

/**
 * The labels that an index has for the sake of its tags: those that all of its children have, with the same value.
 *
 * @param children labels of each child that is there; a nested index has none, absent children are left out
 * @see contract v2 §7.6
 */
export function commonLabels<L extends Label>(children: readonly (readonly L[])[]): readonly L[] {
  const [first = [], ...others] = children;
  const sets = others.map((labels) => new Set(labels.map(textOf)));
  return first.filter((label) => sets.every((set) => set.has(textOf(label))));
}

const textOf = ({ key, value }: Label): string => JSON.stringify([key, value]);
