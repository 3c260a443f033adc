import { gathered } from '../concurrency/gathered.js';
import { insist, interruptible } from '../concurrency/patience.js';
import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { Position } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { EventBus } from '../ports/eventBus.js';
import type { EventStore } from '../ports/eventStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { RelayOvertaken, RelayPlace } from './relayPlace.js';

export { RelayOvertaken };

export type RelayOptions = {
  readonly events: EventStore;
  readonly operational: OperationalStore;
  readonly bus: Pick<EventBus, 'publish'>;
  /** Called when the bus has everything up to a position. */
  readonly published?: (position: Position) => void;
  /** Called when it changes: when the oldest event happened that was read and is not published; null: there is none. */
  readonly waiting?: (since: Timestamp | null) => void;
  /** What failed and will be tried again. */
  readonly failed: (error: unknown) => void;
  readonly patience?: { readonly firstPause: number; readonly longestPause: number };
};

/** Events that are published together, and that at most wait for it. */
const LIMIT = 500;
/** A place is written down no more often. */
const SAVE_MILLISECONDS = 100;
const PATIENCE = { firstPause: 100, longestPause: 10_000 };

/**
 * Feeds the bus from the log: everything, in order, at least once. Two at the same moment cause nothing worse than
 * repetitions.
 */
export class Relay {
  constructor(private readonly options: RelayOptions) {}

  /**
   * Runs until the signal aborts, whatever is away meanwhile.
   *
   * @param fence of the lease: rises with every holder
   * @throws RelayOvertaken if somebody with a later lease has begun
   */
  async run(signal: AbortSignal, fence: number): Promise<void> {
    const { operational, waiting } = this.options;
    let place: RelayPlace | undefined;
    const feed = async (): Promise<void> => {
      place ??= await RelayPlace.claim(operational, fence);
      await this.#feed(place, signal);
    };
    try {
      await this.#insist(feed, signal);
    } finally {
      waiting?.(null);
    }
  }

  async #feed(place: RelayPlace, signal: AbortSignal): Promise<void> {
    const { events, bus, published, waiting } = this.options;
    const notes = new Notes(place, (save, until) => this.#insist(save, until));
    const either = AbortSignal.any([signal, notes.broken]);
    const subscribe = (until: AbortSignal): AsyncIterable<readonly RecordedEvent[]> =>
      events.subscribeAll(place.position, until);
    try {
      for await (const batch of gathered(subscribe, either, LIMIT)) {
        waiting?.(batch[0]?.metadata.at ?? null);
        await bus.publish(batch);
        const { position } = batch.at(-1) ?? place;
        published?.(position);
        waiting?.(null);
        notes.note(position);
      }
      if (!either.aborted) throw new StoreUnavailable('the log cannot be followed any more');
    } finally {
      await notes.close();
    }
  }

  #insist(work: () => Promise<void>, signal: AbortSignal): Promise<boolean> {
    const { failed, patience = PATIENCE } = this.options;
    return insist(work, { signal, patience, failed, isFinal: (error) => error instanceof RelayOvertaken });
  }
}

/** Writes the latest place down while events go on being published: what a crash leaves unwritten comes twice. */
class Notes {
  readonly #broken = new AbortController();
  readonly #closing = new AbortController();
  #latest: Position;
  #writing: Promise<void> | undefined;

  constructor(
    private readonly place: RelayPlace,
    private readonly insisting: (save: () => Promise<void>, until: AbortSignal) => Promise<boolean>,
  ) {
    this.#latest = place.position;
  }

  /** Aborts when places can be written no more. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  note(position: Position): void {
    this.#latest = position;
    this.#writing ??= this.#write().catch((error: unknown) => {
      this.#broken.abort(error);
    });
  }

  /** Writes the last one, or tries to once. @throws RelayOvertaken */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
    this.#broken.signal.throwIfAborted();
    await this.place.save(this.#latest);
  }

  async #write(): Promise<void> {
    while (this.place.position < this.#latest && !this.#closing.signal.aborted) {
      await this.insisting(() => this.place.save(this.#latest), this.#closing.signal);
      await interruptible(SAVE_MILLISECONDS, this.#closing.signal);
    }
    this.#writing = undefined;
  }
}
