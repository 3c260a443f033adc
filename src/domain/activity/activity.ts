import type { Aggregate } from '../shared/event.js';
import type { ActivityEvent } from './events.js';

/** What happened decides nothing: there is no state. */
export const activityAggregate: Aggregate<null, ActivityEvent> = {
  category: 'activity',
  version: 1,
  initial: () => null,
  evolve: () => null,
};
