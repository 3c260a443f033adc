import { DEAD_LETTERS } from '../adapters/bus/embedded.js';
import { CHECKPOINTS as CONSUMER_PLACES, doneRecord, doneUpTo } from '../adapters/bus/groupCheckpoint.js';
import type { Mark, PlaceNames } from '../commands/migration/places.js';
import { START, type Position } from '../domain/shared/ids.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { CHECKPOINT_PLACES } from '../workers/checkpointPlace.js';
import type { Consumer } from '../workers/consumers.js';
import { publishedRecord, publishedUpTo } from '../workers/relayPlace.js';

type Bus = 'embedded' | 'kafka';

export type Moving = {
  readonly operational: OperationalStore;
  /** Of the source's log. */
  readonly end: Position;
  readonly from: Bus;
  readonly to: Bus;
  /** The whole log is published on the target's bus. */
  readonly republish: boolean;
  readonly consumers: readonly Consumer[];
};

/** Records that name places in the log whichever bus there is: of signatures, and of what consumers gave up. */
export const PLACES: readonly string[] = [CHECKPOINT_PLACES, DEAD_LETTERS];

/**
 * Where the target's bus begins: behind what the source's has done. No consumer misses an event, and the history is not
 * published again.
 */
export async function movedPlaces(moving: Moving): Promise<PlaceNames> {
  const { operational, from, to, consumers } = moving;
  if (to === 'kafka')
    return { collections: PLACES, marks: [{ at: await relayBegins(moving), record: publishedRecord }] };
  if (from === 'embedded') return { collections: [...PLACES, CONSUMER_PLACES], marks: [] };
  // What was published they have done: who moves has looked.
  const at = (await publishedUpTo(operational)) ?? START;
  const marks = consumers.map(({ group, topics }): Mark => ({
    at,
    record: (there) => doneRecord(group, topics, there),
  }));
  return { collections: PLACES, marks };
}

/** What a consumer has not done yet must reach him over Kafka. */
async function relayBegins({ operational, end, from, republish }: Moving): Promise<Position> {
  if (republish) return START;
  if (from === 'kafka') return (await publishedUpTo(operational)) ?? START;
  return (await doneUpTo(operational)) ?? end;
}
