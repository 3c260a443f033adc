import type { RecordedEvent } from '../domain/shared/envelope.js';

/** Events of one kind of stream: `repository`, `namespace`, … The bus orders those of one stream, and no others. */
export type Topic = string;

/** One who gets every event of his topics; processes that consume as the same group share the work. */
export type ConsumerGroup = string;

export type Consumption = {
  /** Takes no more events; resolves when the ones in hand are done and noted. */
  stop(): Promise<void>;
};

/**
 * Resolves when the event has had its effect. Rejects:
 * with `StoreUnavailable`, when something is away: the event comes again until it is back;
 * with `PermanentFailure`, when it would never succeed: the event goes to the dead letters at once;
 * with anything else: the event comes again after a growing pause and goes to the dead letters after some failures.
 */
export type EventHandler = (event: RecordedEvent) => Promise<void>;

/** What is tried can never succeed; why is in the message, for the people who look after the registry. */
export class PermanentFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PermanentFailure';
  }
}

/**
 * Where workers and other systems hear of events. Everything is told at least once, and of one stream in order: what
 * comes again comes with all that was behind it.
 */
export interface EventBus {
  /**
   * Resolves when the bus has made all of them durable. Those of one stream must come in order; publishing again what
   * may have been published already is fine.
   *
   * @throws StoreUnavailable; some of them may have been published
   */
  publish(events: readonly RecordedEvent[]): Promise<void>;

  /**
   * A new group begins with the first event that the bus still has. What `handle` did is noted after it resolved, so the
   * same event may come again: effects are keyed by the event's id. While one event is being tried again, those of its
   * stream that are behind it wait, and those of other streams may.
   *
   * @throws StoreUnavailable if the bus is away; once it was reached, consuming goes on by itself whenever it is back
   */
  consume(group: ConsumerGroup, topics: readonly Topic[], handle: EventHandler): Promise<Consumption>;
}

/** The topic of a stream's events: the category in its name. */
export const topicOf = (stream: string): Topic => stream.slice(0, Math.max(0, stream.indexOf('-'))) || stream;
