import { millisecondsOf, type Timestamp } from '../../domain/shared/time.js';

/**
 * How much happens in a repository, with what happened long ago counting less: half as much every thirty days. It is the
 * logarithm of the sum of 2 ^ (moment / 30 d) over all actions. As all fade at the same rate, the order of two
 * repositories changes only when something happens in one of them, and nothing has to be computed anew as time passes.
 */
export type Heat = number;

const HALF_LIFE_MILLISECONDS = 30 * 86_400_000;

/** The heat after some actions at one moment. */
export function warmed(heat: Heat | null, actions: number, at: Timestamp): Heat {
  const added = Math.log10(actions) + (millisecondsOf(at) / HALF_LIFE_MILLISECONDS) * Math.log10(2);
  if (heat === null) return added;
  return Math.max(heat, added) + Math.log10(1 + 10 ** -Math.abs(heat - added));
}

const STEPS_PER_DECADE = 2;

/** Heat in steps: documents that are ordered by it are written again only when a repository is three times as hot. */
export const scoreOf = (heat: Heat): number => Math.floor(heat * STEPS_PER_DECADE);

/** A name that matches weighs a hundred times as much as a description (contract: superuser §11). */
export const NAME_BONUS = 2 * STEPS_PER_DECADE;
