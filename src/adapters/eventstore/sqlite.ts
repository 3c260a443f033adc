/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, reading this engine is not */
import { setImmediate } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { EventEnvelope, RecordedEvent } from '../../domain/shared/envelope.js';
import { position, type Position, type StreamName } from '../../domain/shared/ids.js';
import { EventIdTaken, RevisionConflict } from '../../ports/errors.js';
import type { Appended, EventStore, ExpectedRevision } from '../../ports/eventStore.js';
import type { Log } from '../sqlite/log.js';
import { NO_STREAM, status, type Outcome } from '../sqlite/protocol.js';
import { EventReader } from './eventReader.js';
import { LiveFeed } from './liveFeed.js';
import { serializeEvents } from './serialize.js';

/** Rows that are read and parsed in one go: some milliseconds at most. */
const PAGE = 256;
const REMEMBERED_HEADS = 100_000;

/**
 * The event log in `log.sqlite`, owned by this process alone.
 *
 * An append's events are handed to the live subscriptions before the append's promise is settled, and subscriptions
 * that wait go on in the same turn of the event loop: a projection that follows the log has seen an event, or is about
 * to, when its appender learns of it. Events of one commit come in one batch.
 */
export class SqliteEventStore implements EventStore {
  readonly #log: Log;
  readonly #reader: EventReader;
  readonly #feed = new LiveFeed();
  /** Revision of each stream's last event; `NO_STREAM` if there is none. Exact: nobody else writes. */
  readonly #heads = new LRUCache<StreamName, number>({ max: REMEMBERED_HEADS });
  #committed: RecordedEvent[] = [];
  #end: Position;

  constructor(log: Log) {
    this.#log = log;
    this.#reader = new EventReader(log.reader);
    this.#end = this.#reader.end();
    log.writer.afterGroup(() => {
      this.#publish();
    });
    log.writer.onEnd(() => {
      this.close();
    });
  }

  async append(stream: StreamName, events: readonly EventEnvelope[], expected: ExpectedRevision): Promise<Appended> {
    if (events.length === 0) throw new RangeError('an append takes at least one event');
    const fields = serializeEvents(events);
    const request = {
      kind: 'append',
      stream,
      expected: expected === 'no-stream' ? NO_STREAM : expected,
      fields,
    } as const;
    return this.#log.writer.submit(request, (outcome) => {
      const appended = answer(stream, expected, outcome);
      if (outcome.status === status.committed) this.#record(stream, events, appended);
      return appended;
    });
  }

  async *read(stream: StreamName, from = 0): AsyncGenerator<RecordedEvent, void, undefined> {
    for (let next = from; ; next += PAGE) {
      if (next > (this.#heads.get(stream) ?? Infinity)) return;
      const page = this.#reader.stream(stream, next, PAGE);
      yield* page;
      if (page.length < PAGE) {
        this.#remember(stream, page.at(-1)?.revision ?? (next === 0 ? NO_STREAM : undefined));
        return;
      }
      await setImmediate();
    }
  }

  async readLast(stream: StreamName): Promise<RecordedEvent | undefined> {
    if (this.#heads.get(stream) === NO_STREAM) return undefined;
    const last = this.#reader.last(stream);
    this.#remember(stream, last?.revision ?? NO_STREAM);
    return last;
  }

  async readAll(after: Position, limit: number): Promise<readonly RecordedEvent[]> {
    return after >= this.#end ? [] : this.#reader.all(after, limit);
  }

  async end(): Promise<Position> {
    return this.#end;
  }

  async *subscribeAll(after: Position, signal: AbortSignal): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    let cursor = after;
    while (!signal.aborted) {
      this.#feed.assertOpen();
      const page = this.#reader.all(cursor, PAGE);
      const last = page.at(-1);
      if (last) {
        yield page;
        cursor = last.position;
        await setImmediate();
        continue;
      }
      // Nothing is on disk after the cursor, and nothing can be committed between that query and the next line.
      const live = this.#feed.listen(signal);
      try {
        for (let batch = await live.next(); batch; batch = await live.next()) {
          // The query may have seen events whose commit had not been published yet.
          const fresh = batch.filter((event) => event.position > cursor);
          const end = fresh.at(-1);
          if (!end) continue;
          yield fresh;
          cursor = end.position;
        }
      } finally {
        live.close();
      }
    }
  }

  /** Ends the subscriptions; the log itself is closed by who opened it. */
  close(): void {
    this.#feed.close();
  }

  #record(stream: StreamName, events: readonly EventEnvelope[], last: Appended): void {
    const before = events.length - 1;
    const lastPosition = Number(last.position);
    events.forEach((event, index) => {
      const back = before - index;
      this.#committed.push({
        ...event,
        stream,
        revision: last.revision - back,
        position: position(lastPosition - back),
      });
    });
    this.#heads.set(stream, last.revision);
  }

  #publish(): void {
    const events = this.#committed;
    const last = events.at(-1);
    if (!last) return;
    this.#committed = [];
    this.#end = last.position;
    this.#feed.publish(events);
  }

  /** A query sees what is committed now, which may be more than what was answered, but never less. */
  #remember(stream: StreamName, head: number | undefined): void {
    if (head !== undefined) this.#heads.set(stream, Math.max(head, this.#heads.get(stream) ?? NO_STREAM));
  }
}

function answer(stream: StreamName, expected: ExpectedRevision, { status: code, first, second }: Outcome): Appended {
  if (code === status.revisionConflict) throw new RevisionConflict(stream, expected);
  if (code === status.idTaken) throw new EventIdTaken(stream);
  return { position: position(first), revision: second };
}
