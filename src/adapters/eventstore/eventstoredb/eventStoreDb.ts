import {
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  StreamDeletedError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import type { AppendResult, AppendToStreamOptions } from '@eventstore/db-client';
import type { EventEnvelope, RecordedEvent } from '../../../domain/shared/envelope.js';
import { laterPosition, position, START, type Position, type StreamName } from '../../../domain/shared/ids.js';
import { EventsTooLarge, RevisionConflict, StoreUnavailable } from '../../../ports/errors.js';
import type { Appended, EventStore, ExpectedRevision } from '../../../ports/eventStore.js';
import { serializeEvents } from '../serialize.js';
import { CALL_MILLISECONDS, inTime, repeated, unavailable } from './failures.js';
import { Follower } from './follower.js';
import { LogClient } from './logClient.js';
import { OwnStreams } from './ownStreams.js';
import { Pages } from './pages.js';
import { placeAt, placeOf, positionOf, type Resolved } from './recorded.js';

/** Events of a stream in one call. */
const PAGE = 256;
/** Events of the log in one call, at most. */
const LOG_PAGE = 1024;

/**
 * The event log in EventStoreDB, which other processes read and append to at the same time. All calls go to the leader,
 * so that an acknowledged append is seen by every process at once.
 */
export class EventStoreDbEventStore implements EventStore {
  readonly #client: LogClient;
  readonly #pages: Pages;
  readonly #closing = new AbortController();
  /** Of an event of ours: `end` need not look further back. */
  #known: Position = START;
  /** Up to here `end` has looked at everybody's events: the last one of ours among them is known. */
  #lookedAt: Position = START;

  constructor(
    client: LogClient,
    private readonly own: OwnStreams,
  ) {
    this.#client = client;
    this.#pages = new Pages(client);
  }

  /**
   * Proves with one cheap call that the log can be read: the address, TLS, user, password, and the right to read `$all`.
   *
   * @throws StoreUnavailable with what is wrong, in one line
   */
  async check(): Promise<void> {
    this.#assertOpen();
    await this.#pages.allBefore('end', 1);
  }

  async append(stream: StreamName, events: readonly EventEnvelope[], expected: ExpectedRevision): Promise<Appended> {
    this.#assertOpen();
    if (events.length === 0) throw new RangeError('an append takes at least one event');
    serializeEvents(events);
    const answer = await this.#answered(stream, events, expected);
    if (!answer.success) throw new RevisionConflict(stream, expected);
    const revision = Number(answer.nextExpectedRevision);
    const appended = { revision, position: await this.#positionAt(stream, revision, events, answer) };
    this.#known = laterPosition(this.#known, appended.position);
    return appended;
  }

  async *read(stream: StreamName, from = 0): AsyncGenerator<RecordedEvent, void, undefined> {
    for (let next = from; ;) {
      this.#assertOpen();
      const page = await this.#pages.stream(this.own.nameOf(stream), next, PAGE);
      yield* this.own.events(page);
      const last = page.at(-1)?.event;
      if (!last || page.length < PAGE) return;
      next = Number(last.revision) + 1;
    }
  }

  async readLast(stream: StreamName): Promise<RecordedEvent | undefined> {
    this.#assertOpen();
    const last = await this.#pages.last(this.own.nameOf(stream));
    return last && this.own.event(last);
  }

  async readAll(after: Position, limit: number): Promise<readonly RecordedEvent[]> {
    let count = Math.min(limit, LOG_PAGE) + 1;
    for (let from = placeAt(after); limit > 0; count = larger(count)) {
      this.#assertOpen();
      const page = await this.#pages.allFrom(from, count);
      const events = this.own.events(page.filter((event) => positionOf(event) > after)).slice(0, limit);
      const last = page.at(-1);
      if (events.length > 0 || !last || page.length < count) return events;
      from = placeOf(last);
    }
    return [];
  }

  async end(): Promise<Position> {
    const until = laterPosition(this.#known, this.#lookedAt);
    let newest: Position | undefined;
    let count = 16;
    for (let before: ReturnType<typeof placeOf> | 'end' = 'end'; ; count = larger(count)) {
      this.#assertOpen();
      const page: readonly Resolved[] = await this.#pages.allBefore(before, count);
      const [first] = page;
      if (first) newest ??= positionOf(first);
      const ours = page.find((event) => this.own.event(event) !== undefined);
      const last = page.at(-1);
      if (ours) this.#known = laterPosition(this.#known, positionOf(ours));
      if (ours || !last || page.length < count || positionOf(last) <= until) {
        if (newest !== undefined) this.#lookedAt = laterPosition(this.#lookedAt, newest);
        return this.#known;
      }
      before = placeOf(last);
    }
  }

  async *subscribeAll(after: Position, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    this.#assertOpen();
    const ending = AbortSignal.any([signal, this.#closing.signal]);
    for await (const batch of new Follower(this.#client, this.#pages, this.own, after, ending).batches()) {
      const events = this.own.events(batch);
      if (events.length > 0) yield events;
    }
    if (!signal.aborted) this.#assertOpen();
  }

  /** Ends subscriptions and calls, which are rejected. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#client.close();
  }

  async #answered(
    stream: StreamName,
    events: readonly EventEnvelope[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const options: AppendToStreamOptions = {
      expectedRevision: expected === 'no-stream' ? NO_STREAM : BigInt(expected),
      deadline: CALL_MILLISECONDS,
      requiresLeader: true,
    };
    const proposed = events.map(({ id, type, data, metadata }) => jsonEvent({ id, type, data, metadata }));
    try {
      return await repeated(() => inTime(this.#client.appendToStream(this.own.nameOf(stream), proposed, options)));
    } catch (error) {
      if (error instanceof WrongExpectedVersionError || error instanceof StreamDeletedError) {
        throw new RevisionConflict(stream, expected);
      }
      if (error instanceof MaxAppendSizeExceededError) throw new EventsTooLarge(sizeOf(events));
      throw unavailable(error);
    }
  }

  /**
   * The position that an append is answered with is the last event's for sure where there is only one; a repetition may
   * be answered without.
   */
  async #positionAt(
    stream: StreamName,
    revision: number,
    events: readonly EventEnvelope[],
    { position: place }: AppendResult,
  ): Promise<Position> {
    if (place && events.length === 1 && place.commit === place.prepare) return position(place.commit);
    const [last] = await this.#pages.stream(this.own.nameOf(stream), revision, 1);
    if (last?.event?.id !== events.at(-1)?.id || !last) {
      throw new StoreUnavailable(`EventStoreDB: revision ${revision} of ${stream} is not what was appended there`);
    }
    return positionOf(last);
  }

  #assertOpen(): void {
    if (this.#closing.signal.aborted) throw new StoreUnavailable('the event store is closed');
  }
}

/** Where others write, too, there may be any number of their events between two of ours. */
const larger = (count: number): number => Math.min(count * 4, LOG_PAGE);

const sizeOf = (events: readonly EventEnvelope[]): number =>
  events.reduce((sum, { data, metadata }) => sum + Buffer.byteLength(JSON.stringify([data, metadata])), 0);

export type LogOptions = {
  /** Certificates in PEM that TLS trusts, unless the connection string names a file of them. */
  readonly authorities?: readonly string[] | undefined;
  /** Our streams are called `<prefix>.<name>` there; absent: they have their own names. */
  readonly streamPrefix?: string | undefined;
};

/**
 * Connects to nothing yet: `check` does.
 *
 * @param connection `esdb://…` (one node, or several that are asked who leads) or `esdb+discover://…`, with user,
 *   password and TLS
 * @throws Error in one line, without secrets, if the connection string cannot be used
 */
export function openEventStoreDb(
  connection: string,
  { authorities, streamPrefix }: LogOptions = {},
): EventStoreDbEventStore {
  return new EventStoreDbEventStore(LogClient.open(connection, authorities), new OwnStreams(streamPrefix));
}
