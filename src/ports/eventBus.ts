import type { RecordedEvent } from '../domain/shared/envelope.js';

/** Events of one kind of stream: `repository`, `namespace`, … The bus orders those of one stream, and no others. */
export type Topic = string;

/** One who gets every event of his topics; processes that consume as the same group share the work. */
export type ConsumerGroup = string;

export type Consumption = {
  /** Takes no more events; resolves when the one in hand is done and noted. */
  stop(): Promise<void>;
};

/** Where workers and other systems hear of events. Everything is told at least once, and of one stream in order. */
export interface EventBus {
  /**
   * Resolves when the bus has made all of them durable. Those of one stream must come in order; publishing again what
   * may have been published already is fine.
   *
   * @throws StoreUnavailable
   */
  publish(events: readonly RecordedEvent[]): Promise<void>;

  /**
   * A new group begins with the first event there is. What `handle` did is noted after it resolved, so the same event
   * may come again: effects are keyed by the event's id. When it rejects, the event comes again after a while; one that
   * never succeeds, or is no event at all, goes to the dead letters with the reason, and those behind it go on.
   */
  consume(
    group: ConsumerGroup,
    topics: readonly Topic[],
    handle: (event: RecordedEvent) => Promise<void>,
  ): Promise<Consumption>;
}

/** The topic of a stream's events: the category in its name. */
export const topicOf = (stream: string): Topic => stream.slice(0, Math.max(0, stream.indexOf('-'))) || stream;
