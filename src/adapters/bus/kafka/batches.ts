import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { EventHandler } from '../../../ports/eventBus.js';
import type { Log } from '../../../telemetry/log.js';
import { reasonOf, type Patience } from '../../../concurrency/patience.js';
import { deliver } from '../delivery.js';
import type { DeadLetters } from './deadLetters.js';
import { Heartbeat } from './heartbeat.js';
import { fromMessage, NotAnEvent } from './message.js';

export type BatchesOptions = {
  readonly group: string;
  readonly handle: EventHandler;
  readonly deadLetters: DeadLetters;
  readonly patience: Patience;
  readonly heartbeatMilliseconds: number;
  /** Aborts when no further message is to be taken. */
  readonly stopping: AbortSignal;
  readonly log: Log;
};

/** How long effects may stay without being noted, so that a crash repeats few of them. */
const COMMIT_MILLISECONDS = 1_000;

/** Handles the messages of one partition, one after the other, and commits how far it came. */
export class Batches {
  readonly #inHand = new Set<Promise<void>>();
  /** Raised whenever partitions are dealt out anew. */
  #deal = 0;

  constructor(private readonly options: BatchesOptions) {}

  get busy(): boolean {
    return this.#inHand.size > 0;
  }

  dealt(): void {
    this.#deal++;
  }

  /** Resolves when nothing is in hand. */
  async finished(): Promise<void> {
    await Promise.allSettled(this.#inHand);
  }

  take(payload: EachBatchPayload): Promise<void> {
    const work = this.#take(payload);
    this.#inHand.add(work);
    return work.finally(() => this.#inHand.delete(work));
  }

  async #take(payload: EachBatchPayload): Promise<void> {
    const { heartbeatMilliseconds, stopping } = this.options;
    const deal = this.#deal;
    const beating = new Heartbeat(() => payload.heartbeat(), heartbeatMilliseconds);
    const signal = AbortSignal.any([stopping, beating.lost]);
    const isOurs = (): boolean => payload.isRunning() && !payload.isStale() && deal === this.#deal;
    let committed = Date.now();
    try {
      for (const message of payload.batch.messages) {
        if (!isOurs() || signal.aborted || !(await this.#deliver(message, payload, signal))) break;
        if (deal !== this.#deal) return;
        payload.resolveOffset(message.offset);
        if (Date.now() - committed < COMMIT_MILLISECONDS) continue;
        await commit(payload);
        committed = Date.now();
      }
      if (deal === this.#deal) await commit(payload);
    } finally {
      beating.stop();
    }
    // What the group says to a beat decides how the client goes on: it joins anew.
    beating.lost.throwIfAborted();
  }

  #deliver(message: KafkaMessage, { batch }: EachBatchPayload, signal: AbortSignal): Promise<boolean> {
    const { group, handle, deadLetters, patience, log } = this.options;
    const { topic, partition } = batch;
    const place = { group, topic, partition, offset: message.offset };
    return deliver({
      handle: async () => {
        await handle(fromMessage(message));
      },
      isHopeless: (error) => error instanceof NotAnEvent,
      bury: async (death) => {
        await deadLetters.keep(message, { group, topic, partition }, death);
        log.error({ ...place, ...death }, 'event became a dead letter');
      },
      ...{ signal, patience },
      failed: (error, failures) => {
        log.warn({ ...place, failures, reason: reasonOf(error), err: error }, 'event could not be handled');
      },
    });
  }
}

async function commit(payload: EachBatchPayload): Promise<void> {
  const offsets = payload.uncommittedOffsets();
  if (offsets.topics.length > 0) await payload.commitOffsetsIfNecessary(offsets);
}
