import { Follower } from '../projections/follower.js';
import { ReachRecord } from '../projections/reach.js';
import type { Stores } from './core.js';
import type { Failed } from './failed.js';
import { allProjections } from './projections.js';

/** The read models of a process that somebody else feeds them for. */
export function follow({ operational, documents }: Stores, failed: Failed): Follower {
  const reach = new ReachRecord(operational, allProjections);
  return new Follower({
    reached: () => reach.read(),
    eraChanged: async () => {
      await documents.lanes();
    },
    failed: (error) => {
      failed('read models', error);
    },
  });
}
