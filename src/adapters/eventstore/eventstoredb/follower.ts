import { setTimeout as pause } from 'node:timers/promises';
import type { Position as LogPosition } from '@eventstore/db-client';
import type { Position } from '../../../domain/shared/ids.js';
import { isDenied, unavailable } from './failures.js';
import type { LogClient } from './logClient.js';
import type { OwnStreams } from './ownStreams.js';
import type { Pages } from './pages.js';
import { placeAt, placeOf, type Resolved } from './recorded.js';
import { Subscription } from './subscription.js';

const FIRST_PAUSE_MILLISECONDS = 50;
const LONGEST_PAUSE_MILLISECONDS = 2_000;
/** So long a subscription is renewed without a word; then its reader hears of it, and may subscribe again. */
const PATIENCE_MILLISECONDS = 30_000;

/**
 * Follows the log over dropped subscriptions: a lost connection, another leader, a reader that was too slow. It goes on
 * from the last event that it gave, so none is skipped or repeated.
 */
export class Follower {
  /** Of the last event that the engine sent. */
  #seen: LogPosition | 'start';
  /** Where the engine says that it has looked since, past what is not ours. */
  #checkpoint: LogPosition | undefined;
  #pauseMilliseconds = 0;
  #failingSince: number | undefined;

  constructor(
    private readonly client: LogClient,
    private readonly pages: Pages,
    private readonly own: OwnStreams,
    after: Position,
    private readonly signal: AbortSignal,
  ) {
    this.#seen = placeAt(after);
  }

  /** @throws StoreUnavailable if no subscription comes about for half a minute, or the engine does not permit it */
  async *batches(): AsyncGenerator<readonly Resolved[], void, undefined> {
    while (!this.signal.aborted) {
      try {
        yield* this.#untilDropped();
      } catch (error) {
        this.#giveUpOn(error);
      }
      await this.#rest();
    }
  }

  async *#untilDropped(): AsyncGenerator<readonly Resolved[], void, undefined> {
    const subscription = new Subscription(this.client, this.own, await this.#resumption(), this.signal);
    try {
      for (let batch = await subscription.next(); batch; batch = await subscription.next()) {
        const fresh = batch.filter((event) => this.#isFresh(event));
        const last = fresh.at(-1);
        if (!last) continue;
        this.#seen = placeOf(last);
        this.#pauseMilliseconds = 0;
        this.#failingSince = undefined;
        yield fresh;
      }
    } finally {
      const { checkpoint } = subscription;
      if (checkpoint && this.#isPastSeen(checkpoint)) this.#checkpoint = checkpoint;
      subscription.close();
    }
  }

  #isFresh(event: Resolved): boolean {
    return this.#isPastSeen(placeOf(event));
  }

  #isPastSeen(place: LogPosition): boolean {
    return this.#seen === 'start' || place.commit > this.#seen.commit;
  }

  /**
   * A server has been known to name, as a checkpoint, the place of an event that it had not sent yet, and begins after
   * what lies there. It is believed if that is none of ours; where that cannot be learned, it is forgotten.
   */
  async #resumption(): Promise<LogPosition | 'start'> {
    const checkpoint = this.#checkpoint;
    this.#checkpoint = undefined;
    if (!checkpoint || !this.#isPastSeen(checkpoint)) return this.#seen;
    const [first] = await this.pages.allFrom(checkpoint, 1);
    const isThere = first && placeOf(first).commit === checkpoint.commit && this.own.event(first) === undefined;
    return isThere ? placeOf(first) : this.#seen;
  }

  #giveUpOn(error: unknown): void {
    this.#failingSince ??= Date.now();
    if (isDenied(error) || Date.now() - this.#failingSince > PATIENCE_MILLISECONDS) throw unavailable(error);
  }

  async #rest(): Promise<void> {
    const rest = this.#pauseMilliseconds;
    this.#pauseMilliseconds = Math.min(Math.max(rest * 2, FIRST_PAUSE_MILLISECONDS), LONGEST_PAUSE_MILLISECONDS);
    try {
      await pause(rest, undefined, { signal: this.signal });
    } catch (error) {
      if (!this.signal.aborted) throw error;
    }
  }
}
