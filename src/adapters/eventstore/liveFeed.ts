import type { RecordedEvent } from '../../domain/shared/envelope.js';
import { StoreUnavailable } from '../../ports/errors.js';

/** Events that wait for one slow subscriber; beyond that it reads from disk again. */
const BUFFERED_EVENTS = 4096;

/**
 * Hands committed events from the appender to the subscribers that have caught up, in log order, from memory: the
 * event's `data` and `metadata` are the appender's own objects.
 */
export class LiveFeed {
  readonly #listeners = new Set<LiveListener>();
  #closed = false;

  /** @throws StoreUnavailable after `close` */
  assertOpen(): void {
    if (this.#closed) throw storeClosed();
  }

  /** From now on every published event reaches the listener, until it overflows or is closed. */
  listen(signal: AbortSignal): LiveListener {
    const listener = new LiveListener(signal, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  /** @param events in log order, following what was published before; not empty */
  publish(events: readonly RecordedEvent[]): void {
    for (const listener of this.#listeners) listener.take(events);
  }

  close(): void {
    this.#closed = true;
    for (const listener of this.#listeners) listener.fail(storeClosed());
  }
}

const storeClosed = (): StoreUnavailable => new StoreUnavailable('the event store is closed');

export class LiveListener {
  readonly #signal: AbortSignal;
  readonly #leave: () => void;
  readonly #wake = (): void => {
    this.#resolve?.();
  };
  #buffer: RecordedEvent[] = [];
  #overflowed = false;
  #failure: Error | undefined;
  #resolve: (() => void) | undefined;

  constructor(signal: AbortSignal, leave: () => void) {
    this.#signal = signal;
    this.#leave = leave;
    signal.addEventListener('abort', this.#wake);
  }

  take(events: readonly RecordedEvent[]): void {
    if (this.#buffer.length + events.length > BUFFERED_EVENTS) {
      this.#overflowed = true;
      this.#buffer = [];
      this.#leave();
    } else if (!this.#overflowed) {
      this.#buffer.push(...events);
    }
    this.#wake();
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  /**
   * All events since the last call, waiting for at least one.
   *
   * @returns undefined if the signal was aborted, or if more came than are buffered: then read on from disk
   * @throws StoreUnavailable if the store was closed
   */
  async next(): Promise<readonly RecordedEvent[] | undefined> {
    while (!this.#signal.aborted && !this.#overflowed) {
      if (this.#buffer.length > 0) {
        const events = this.#buffer;
        this.#buffer = [];
        return events;
      }
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
    }
    return undefined;
  }

  close(): void {
    this.#leave();
    this.#signal.removeEventListener('abort', this.#wake);
  }
}
