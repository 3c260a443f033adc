import type { EventEnvelope, RecordedEvent } from '../domain/shared/envelope.js';
import type { Position, StreamName } from '../domain/shared/ids.js';

/** The revision that the stream's last event must have; `no-stream`: the stream must not exist. */
export type ExpectedRevision = number | 'no-stream';

export type Appended = {
  /** Of the last event appended. */
  readonly position: Position;
  readonly revision: number;
};

/**
 * The log. Streams are ordered by revision (from 0), the whole log by position; both orders agree.
 * Every acknowledged append is durable: it survives a power cut.
 */
export interface EventStore {
  /**
   * Appends all events or none. Appending the same event ids again at the same expected revision is answered
   * as the first time, also when others have appended since (so an unknown outcome is resolved by repeating the call).
   *
   * @param events at least one
   * @throws RevisionConflict if the stream is not exactly at `expected`
   * @throws EventIdTaken if an id is in the log already; engines that cannot see this across streams need not notice
   * @throws EventsTooLarge if one event exceeds 64 KiB of JSON or the call 1 MiB
   * @throws StoreUnavailable if the engine cannot be reached; the outcome may be unknown
   */
  append(stream: StreamName, events: readonly EventEnvelope[], expected: ExpectedRevision): Promise<Appended>;

  /** Events of one stream from a revision on (inclusive, default 0), in order. Unknown stream: none. */
  read(stream: StreamName, from?: number): AsyncIterable<RecordedEvent>;

  /** The last event of a stream, if there is one. */
  readLast(stream: StreamName): Promise<RecordedEvent | undefined>;

  /** A page of the log strictly after `after`, in order; an empty page means the end was reached. */
  readAll(after: Position, limit: number): Promise<readonly RecordedEvent[]>;

  /** Position of the last event in the log; `START` for an empty log. */
  end(): Promise<Position>;

  /**
   * All events strictly after `after`, then those to come, in order, each exactly once, in batches as they are found.
   * Ends when `signal` aborts. Never skips an event that becomes visible later than one with a higher position.
   */
  subscribeAll(after: Position, signal: AbortSignal): AsyncIterable<readonly RecordedEvent[]>;
}
