import { setImmediate } from 'node:timers/promises';
import type { AllStreamSubscription, Position as LogPosition } from '@eventstore/db-client';
import { asClientError, CALL_MILLISECONDS, noAnswer } from './failures.js';
import type { LogClient } from './logClient.js';
import type { OwnStreams } from './ownStreams.js';
import type { Resolved } from './recorded.js';

/** Events that wait here for a slow reader; beyond that they wait at the engine, which drops who is slow for long. */
const BUFFERED_EVENTS = 512;
const BATCH = 256;
/** Turns in which nothing came, after which it is believed that nothing more is on its way. */
const QUIET_TURNS = 3;
/** Events that the engine looks at in one go, and how many such goes lie between two of its checkpoints. */
const SEARCH_WINDOW = 256;
const CHECKPOINT_WINDOWS = 4;

/** A subscription to the log as long as its connection lasts; the engine leaves out what is not ours, as far as it can tell. */
export class Subscription {
  readonly #stream: AllStreamSubscription;
  readonly #signal: AbortSignal;
  readonly #silence: NodeJS.Timeout;
  readonly #wake = (): void => {
    this.#resolve?.();
  };
  #resolve: (() => void) | undefined;
  #failure: Error | undefined;
  #isOver = false;
  #checkpoint: LogPosition | undefined;

  /** @param after exclusive */
  constructor(client: LogClient, own: OwnStreams, after: LogPosition | 'start', signal: AbortSignal) {
    this.#signal = signal;
    const filter = own.filter({
      maxSearchWindow: SEARCH_WINDOW,
      checkpointInterval: CHECKPOINT_WINDOWS,
      checkpointReached: (_, position) => {
        this.#checkpoint = position;
      },
    });
    const options = { fromPosition: after, filter, requiresLeader: true };
    this.#stream = client.subscribeToAll(options, { highWaterMark: BUFFERED_EVENTS });
    this.#silence = setTimeout(() => {
      this.#fail(noAnswer());
    }, CALL_MILLISECONDS);
    this.#stream
      .on('confirmation', () => {
        clearTimeout(this.#silence);
      })
      .on('readable', this.#wake)
      .on('end', () => {
        this.#isOver = true;
        this.#wake();
      })
      .on('error', (error) => {
        this.#fail(asClientError(error));
      });
    signal.addEventListener('abort', this.#wake);
  }

  /**
   * What has come since the last call, waiting for at least one event.
   *
   * @returns undefined when the signal was aborted, or the engine ended the subscription
   * @throws what the engine ended it with, once everything that had come before was returned
   */
  async next(): Promise<readonly Resolved[] | undefined> {
    while (!this.#signal.aborted) {
      const events = this.#buffered();
      if (events.length > 0) return events;
      if (this.#failure) throw this.#failure;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      await this.#settled();
    }
    return undefined;
  }

  /**
   * Each event comes in a turn or two of its own, and those that were sent together, as those of one append are, are
   * worth one batch: a batch costs its reader the same few calls however many events are in it.
   */
  async #settled(): Promise<void> {
    for (let quiet = 0, length = 0; quiet < QUIET_TURNS && length < BATCH; quiet++) {
      await setImmediate();
      if (this.#stream.readableLength > length) quiet = -1;
      length = this.#stream.readableLength;
    }
  }

  /** Up to here the engine says that everything was sent, once all that came before was taken by `next`. */
  get checkpoint(): LogPosition | undefined {
    return this.#stream.readableLength === 0 ? this.#checkpoint : undefined;
  }

  close(): void {
    clearTimeout(this.#silence);
    this.#signal.removeEventListener('abort', this.#wake);
    // A subscription that never came about has failed above already.
    this.#stream.unsubscribe().catch(() => undefined);
    this.#stream.destroy();
  }

  #buffered(): readonly Resolved[] {
    const events: Resolved[] = [];
    while (events.length < BATCH) {
      const event = this.#stream.read() as Resolved | null;
      if (!event) break;
      events.push(event);
    }
    return events;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }
}
