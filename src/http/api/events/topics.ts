import type { BusSettings } from '../settings.js';

/** The part of a topic's name that a category has in others. */
export const DEAD_LETTERS = 'dead-letters';

export const topicName = ({ topicPrefix }: Pick<BusSettings, 'topicPrefix'>, category: string): string =>
  `${topicPrefix}.${category}`;
