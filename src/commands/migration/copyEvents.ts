import { setTimeout as pause } from 'node:timers/promises';
import type { EventEnvelope, RecordedEvent } from '../../domain/shared/envelope.js';
import { StoreUnavailable } from '../../ports/errors.js';
import type { EventStore } from '../../ports/eventStore.js';
import { batches } from './batches.js';

/** An engine that changes its leader is back within seconds. */
const PATIENCE_MILLISECONDS = 60_000;

export type CopyEventsOptions = {
  /** See `Side.appendsAtOnce`. */
  readonly atOnce: number;
  /** Called with how many were appended since the last call. */
  readonly appended: (events: number) => void;
};

/**
 * Appends a log's events to the end of another one, in their order, with the revisions that they had: an event that was
 * appended before nobody knew of it is found there and not appended twice.
 *
 * @returns how many there were
 */
export async function copyEvents(
  source: AsyncIterable<RecordedEvent>,
  target: EventStore,
  { atOnce, appended }: CopyEventsOptions,
): Promise<number> {
  const underWay: Promise<void>[] = [];
  let count = 0;
  try {
    for await (const batch of batches(source)) {
      const appending = append(target, batch, atOnce === 1).then(() => {
        count += batch.length;
        appended(batch.length);
      });
      // Told when its turn comes.
      appending.catch(() => undefined);
      underWay.push(appending);
      if (underWay.length >= atOnce) await underWay.shift();
    }
    await Promise.all(underWay);
    return count;
  } catch (error) {
    await Promise.allSettled(underWay);
    throw error;
  }
}

async function append(target: EventStore, batch: readonly RecordedEvent[], isAlone: boolean): Promise<void> {
  const [first] = batch;
  if (!first) return;
  const { stream, revision } = first;
  const expected = revision === 0 ? 'no-stream' : revision - 1;
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (let wait = 50; ; wait = Math.min(wait * 2, 5_000)) {
    try {
      await target.append(stream, batch.map(envelopeOf), expected);
      return;
    } catch (error) {
      // Repeated behind others that were appended meanwhile it would stand in another place.
      if (!isAlone || !(error instanceof StoreUnavailable) || Date.now() + wait > deadline) throw error;
      await pause(wait);
    }
  }
}

/** As it was before it had a place. */
const envelopeOf = ({ id, type, data, metadata }: RecordedEvent): EventEnvelope => ({ id, type, data, metadata });
