import { afterAll, describe, expect, it } from '@jest/globals';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import '../support/patience.js';
import { eventStoreContract } from '../../src/adapters/eventstore/contract.js';
import {
  openEventStoreDb,
  type EventStoreDbEventStore,
  type LogOptions,
} from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import {
  follow,
  idsOf,
  newStream,
  readStream,
  sampleEvent,
  sampleEvents,
} from '../../src/adapters/eventstore/sampleEvents.js';
import { readLog } from '../../src/commands/readLog.js';
import { storePerTest, type Opened } from '../../src/adapters/contractFixture.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import { START, type Position, type StreamName } from '../../src/domain/shared/ids.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { eventStoreDbEngine, newStreamPrefix } from './eventStoreDb.js';

const engine = await eventStoreDbEngine();
const { connection, kind } = engine;

function open(options: LogOptions = {}): Promise<Opened<EventStoreDbEventStore>> {
  let store = openEventStoreDb(connection, options);
  return Promise.resolve({
    get store() {
      return store;
    },
    async reopen() {
      await store.close();
      store = openEventStoreDb(connection, options);
      return store;
    },
    close: () => store.close(),
  });
}

describe(`EventStoreDB (${kind})`, () => {
  afterAll(() => engine.stop());
  eventStoreContract(open);

  describe('with names of its own for streams', () => {
    const streamPrefix = newStreamPrefix();
    eventStoreContract(() => open({ streamPrefix }));

    it('is one log of several, which know nothing of each other', async () => {
      const logs = [newStreamPrefix(), newStreamPrefix()].map((prefix) =>
        openEventStoreDb(connection, { streamPrefix: prefix }),
      );
      const unnamed = openEventStoreDb(connection);
      const start = await unnamed.end();
      const stream = newStream();
      try {
        for (const [index, log] of logs.entries()) {
          expect(await log.end()).toBe(START);
          const events = sampleEvents(3 + index);
          const { position } = await log.append(stream, events, 'no-stream');
          expect(idsOf(await readStream(log, stream))).toEqual(idsOf(events));
          expect(await log.readLast(stream)).toMatchObject({ stream, position });
          expect(idsOf(await wholeLog(log, START))).toEqual(idsOf(events));
          expect(idsOf(await follow(log, START, [stream], events.length))).toEqual(idsOf(events));
          expect(await log.end()).toBe(position);
        }
        const seen = await wholeLog(unnamed, start);
        expect(seen.filter((event) => event.stream.endsWith(stream))).toEqual([]);
      } finally {
        await Promise.all([...logs, unnamed].map((log) => log.close()));
      }
    });
  });

  describe('beside what else is in the log', () => {
    const { store } = storePerTest(open);
    const others = EventStoreDBClient.connectionString(connection);
    afterAll(() => others.dispose());

    it('proves that it can be used', async () => {
      await expect(store().check()).resolves.toBeUndefined();
    });

    it("passes over the engine's own events and those of other systems, however many there are", async () => {
      const start = await store().end();
      const [stream, foreign] = [newStream(), newStream()];
      const [first, last] = [sampleEvent(), sampleEvent()];
      await store().append(stream, [first], 'no-stream');
      for (let revision = 0; revision < 40; revision++) await others.setStreamMetadata(foreign, { maxAge: 86_400 });
      await others.appendToStream(foreign, [
        jsonEvent({ type: 'TagMoved', data: { tag: 'latest' }, metadata: {} }),
        jsonEvent({ type: '$>', data: {}, metadata: { schema: 1, hash: 'ab' } }),
        ...Array.from({ length: 30 }, () => jsonEvent({ type: 'Foreign', data: ['not', 'ours'] })),
      ]);
      expect(idsOf(await readStream(store(), foreign))).toEqual([]);
      expect(await store().readLast(foreign)).toBeUndefined();
      const { position } = await store().append(stream, [last], 0);
      expect(idsOf(await readBetween(store(), start, position, [stream, foreign]))).toEqual([first.id, last.id]);
      expect((await store().end()) >= position).toBe(true);
      expect(idsOf(await follow(store(), start, [stream, foreign], 2))).toEqual([first.id, last.id]);
      await others.deleteStream(foreign);
      const fresh = await open();
      expect((await fresh.store.end()) >= position).toBe(true);
      await fresh.close();
    });

    it('finds nothing in a stream that was deleted, for a while or for ever', async () => {
      const [deleted, ended] = [newStream(), newStream()];
      for (const stream of [deleted, ended]) await store().append(stream, sampleEvents(3), 'no-stream');
      await others.deleteStream(deleted);
      await others.tombstoneStream(ended);
      for (const stream of [deleted, ended]) {
        expect(await readStream(store(), stream)).toEqual([]);
        expect(await store().readLast(stream)).toBeUndefined();
      }
    });

    it('answers a repetition as the first time, whatever position the engine answers with', async () => {
      const stream = newStream();
      const event = sampleEvent();
      const first = await store().append(stream, [event], 'no-stream');
      expect(await store().append(stream, [event], 'no-stream')).toEqual(first);
      expect((await readStream(store(), stream))[0]?.position).toBe(first.position);
    });

    it('ends what waits when it is closed, and does nothing afterwards', async () => {
      const closing = openEventStoreDb(connection);
      const [stream, end] = [newStream(), await closing.end()];
      const following = Promise.allSettled([follow(closing, end, [stream], 1)]);
      await closing.close();
      expect(await following).toMatchObject([{ status: 'rejected', reason: expect.any(StoreUnavailable) }]);
      await expect(closing.append(stream, [sampleEvent()], 'no-stream')).rejects.toThrow(StoreUnavailable);
      await expect(closing.end()).rejects.toThrow(StoreUnavailable);
    });

    it('takes hundreds of appends a second', async () => {
      const streams = Array.from({ length: 16 }, newStream);
      const begun = performance.now();
      await Promise.all(
        streams.map(async (stream) => {
          for (let append = 0; append < 25; append++) {
            await store().append(stream, sampleEvents(2), append === 0 ? 'no-stream' : append * 2 - 1);
          }
        }),
      );
      const seconds = (performance.now() - begun) / 1000;
      process.stderr.write(`${(400 / seconds).toFixed(0)} appends of two events a second (${kind})\n`);
      expect(await readStream(store(), streams[0] ?? newStream())).toHaveLength(50);
    });
  });

  const { own } = engine;
  (own ? it : it.skip)(
    'loses nothing that was acknowledged when the engine dies, and goes on when it is back',
    async () => {
      if (!own) return;
      const store = openEventStoreDb(connection);
      try {
        const stream = newStream();
        const start = await store.end();
        const following = follow(store, start, [stream], 6);
        const before = sampleEvents(3);
        const { revision } = await store.append(stream, before, 'no-stream');
        await own.end();
        await expect(store.append(stream, [sampleEvent()], revision)).rejects.toThrow(StoreUnavailable);
        await expect(store.readLast(stream)).rejects.toThrow(/^EventStoreDB: [^\n]+$/);
        await own.again();
        const after = sampleEvents(3);
        await store.append(stream, after, revision);
        expect(idsOf(await following)).toEqual(idsOf([...before, ...after]));
        expect(idsOf(await readStream(store, stream))).toEqual(idsOf([...before, ...after]));
      } finally {
        await store.close();
      }
    },
  );
});

async function wholeLog(store: EventStoreDbEventStore, after: Position): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of readLog(store, after)) events.push(event);
  return events;
}

/** One event after the other, as somebody would who has little memory. */
async function readBetween(
  store: EventStoreDbEventStore,
  start: Position,
  end: Position,
  streams: readonly StreamName[],
): Promise<readonly RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for (let after = start; after < end;) {
    const [event] = await store.readAll(after, 1);
    if (!event) throw new Error(`nothing was found before ${end}`);
    if (streams.includes(event.stream)) events.push(event);
    after = event.position;
  }
  return events;
}
