import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import {
  openEventStoreDb,
  type EventStoreDbEventStore,
} from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import {
  follow,
  idsOf,
  newStream,
  readStream,
  sampleEvent,
  sampleEvents,
} from '../../src/adapters/eventstore/sampleEvents.js';
import { EventsTooLarge, StoreUnavailable } from '../../src/ports/errors.js';
import type { EventEnvelope } from '../../src/domain/shared/envelope.js';
import type { StreamName } from '../../src/domain/shared/ids.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

/* What only a server can be made to do that is our own: the stand-in, whatever server the other suite runs against. */

let standIn: EventStoreDbStandIn;
let store: EventStoreDbEventStore;
beforeEach(async () => {
  standIn = await EventStoreDbStandIn.start();
  store = openEventStoreDb(standIn.connection);
});
afterEach(async () => {
  await store.close();
  await standIn.stop();
});

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
};

describe('appending to EventStoreDB', () => {
  it('takes effect once when the answer got lost, and is answered as if it had not', async () => {
    const stream = newStream();
    const events = sampleEvents(2);
    standIn.faults.answersToLose = 2;
    const appended = await store.append(stream, events, 'no-stream');
    expect(standIn.faults.answersToLose).toBe(0);
    const recorded = await readStream(store, stream);
    expect(idsOf(recorded)).toEqual(idsOf(events));
    expect(appended).toEqual({ revision: 1, position: recorded[1]?.position });
  });

  it('is unknown after some seconds without an answer, and is told by repeating it', async () => {
    const stream = newStream();
    const events = sampleEvents(2);
    standIn.faults.answersToWithhold = 1;
    const waited = await seconds(() =>
      expect(store.append(stream, events, 'no-stream')).rejects.toThrow(StoreUnavailable),
    );
    expect(waited).toBeGreaterThan(4);
    expect(waited).toBeLessThan(8);
    expect(await store.append(stream, events, 'no-stream')).toMatchObject({ revision: 1 });
    expect(await readStream(store, stream)).toHaveLength(2);
  });

  it.each(['first', 'none'] as const)('does not trust the position that is answered: %s', async (answered) => {
    standIn.faults.answeredPosition = answered;
    const stream = newStream();
    const [events, single] = [sampleEvents(3), sampleEvent()];
    const several = await store.append(stream, events, 'no-stream');
    const one = await store.append(stream, [single], 2);
    await store.append(stream, sampleEvents(2), 3);
    const positions = (await readStream(store, stream)).map(({ position }) => position);
    expect([several.position, one.position]).toEqual([positions[2], positions[3]]);
    expect(await store.append(stream, events, 'no-stream')).toEqual(several);
    expect(await store.append(stream, [single], 2)).toEqual(one);
  });

  it('says that events are too large when the engine says so, which counts their types, too', async () => {
    const stream = newStream();
    const filled = (bytes: number): EventEnvelope => sampleEvent({ text: 'x'.repeat(bytes) });
    const overhead = Buffer.byteLength(JSON.stringify(filled(0).data) + JSON.stringify(filled(0).metadata));
    const each = 64 * 1024 - overhead;
    const within = Array.from({ length: 16 }, () => filled(each));
    await expect(store.append(stream, within, 'no-stream')).rejects.toThrow(EventsTooLarge);
    expect(await store.append(stream, within.slice(1), 'no-stream')).toMatchObject({ revision: 14 });
  });

  it('does not disturb those of another store when a connection breaks', async () => {
    const other = await EventStoreDbStandIn.start();
    const otherStore = openEventStoreDb(other.connection);
    other.faults.delayMilliseconds = 300;
    const stream = newStream();
    const slow = otherStore.append(stream, sampleEvents(2), 'no-stream');
    standIn.faults.unavailable = true;
    await expect(store.append(newStream(), [sampleEvent()], 'no-stream')).rejects.toThrow(/Server Is Not Ready/);
    expect(await slow).toMatchObject({ revision: 1 });
    await otherStore.close();
    await other.stop();
  });

  it('fails at once while nobody listens, and works again as soon as somebody does', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-eventstoredb-'));
    const options = { data: join(folder, 'log') };
    const first = await EventStoreDbStandIn.start(options);
    const { connection, port } = first;
    const away = openEventStoreDb(connection);
    const [stream, events] = [newStream(), sampleEvents(3)];
    const appended = await away.append(stream, events, 'no-stream');
    await first.stop();
    const waited = await seconds(() =>
      expect(away.append(stream, [sampleEvent()], 2)).rejects.toThrow(StoreUnavailable),
    );
    expect(waited).toBeLessThan(2);
    const second = await EventStoreDbStandIn.start({ ...options, port });
    expect(await away.append(stream, events, 'no-stream')).toEqual(appended);
    expect(await away.append(stream, [sampleEvent()], 2)).toMatchObject({ revision: 3 });
    await away.close();
    await second.stop();
    await rm(folder, { recursive: true });
  });
});

describe('following EventStoreDB', () => {
  /** Events of several appends, in between which something happens. */
  async function appendInRounds(stream: StreamName, rounds: number, between: () => unknown): Promise<EventEnvelope[]> {
    const appended: EventEnvelope[] = [];
    for (let round = 0; round < rounds; round++) {
      const events = sampleEvents(3);
      await store.append(stream, events, round === 0 ? 'no-stream' : round * 3 - 1);
      appended.push(...events);
      await between();
    }
    return appended;
  }

  it.each(['cancelled', 'too slow'] as const)(
    'neither misses nor repeats an event when it is dropped again and again: %s',
    async (why) => {
      const stream = newStream();
      const followed = follow(store, await store.end(), [stream], 90);
      const appended = await appendInRounds(stream, 30, () => {
        standIn.dropSubscriptions(why);
      });
      expect(idsOf(await followed)).toEqual(idsOf(appended));
      expect(standIn.subscribedAfter.length).toBeGreaterThan(1);
    },
  );

  it('gives a reader that is too slow everything all the same', async () => {
    const stream = newStream();
    const batches = store.subscribeAll(await store.end(), new AbortController().signal);
    const first = batches.next();
    await store.append(stream, sampleEvents(1), 'no-stream');
    const seen = [...((await first).value ?? [])];
    const text = 'x'.repeat(3000);
    for (let append = 0; append < 20; append++) {
      const events = Array.from({ length: 200 }, () => sampleEvent({ text }));
      await store.append(stream, events, append * 200);
    }
    for await (const batch of batches) {
      seen.push(...batch);
      if (seen.length >= 4001) break;
    }
    expect(seen.map(({ revision }) => revision)).toEqual(Array.from({ length: 4001 }, (_, index) => index));
    expect(standIn.subscribedAfter.length).toBeGreaterThan(1);
  });

  it('does not believe a checkpoint that names an event which was not sent', async () => {
    const stream = newStream();
    const followed = follow(store, await store.end(), [stream], 9);
    const appended = await appendInRounds(stream, 3, () => {
      standIn.misleadSubscriptions();
    });
    expect(idsOf(await followed)).toEqual(idsOf(appended));
  });

  it.each([
    ['engine', undefined, () => standIn.log.system('$stats-here', '$statsCollected')],
    ['others', 'east', () => store.append(newStream(), [sampleEvent()], 'no-stream')],
  ])(
    "does not look again at what the engine's checkpoints have passed: events of the %s",
    async (_, prefix, happens) => {
      const stream = newStream();
      const own = openEventStoreDb(standIn.connection, { streamPrefix: prefix });
      const batches = own.subscribeAll(await own.end(), new AbortController().signal);
      const first = batches.next();
      const { position } = await own.append(stream, [sampleEvent()], 'no-stream');
      await first;
      const next = batches.next();
      for (let count = 0; count < 1100; count++) await happens();
      while (standIn.checkpoints === 0) await setImmediate();
      standIn.dropSubscriptions();
      const event = sampleEvent();
      await own.append(stream, [event], 0);
      expect(idsOf((await next).value ?? [])).toEqual([event.id]);
      await batches.return();
      await own.close();
      expect(standIn.subscribedAfter.at(-1)).toBeGreaterThan(Number(position));
    },
  );

  it('asks again when a subscription is not confirmed', async () => {
    standIn.faults.confirmationsToWithhold = 1;
    const stream = newStream();
    const { position } = await store.append(stream, [sampleEvent()], 'no-stream');
    const event = sampleEvent();
    await store.append(stream, [event], 0);
    expect(idsOf(await follow(store, position, [stream], 1))).toEqual([event.id]);
  });

  it('waits for an engine that is away, and ends when it is aborted meanwhile', async () => {
    const stream = newStream();
    const end = await store.end();
    standIn.faults.unavailable = true;
    const abort = new AbortController();
    const aborted = store.subscribeAll(end, abort.signal).next();
    const followed = follow(store, end, [stream], 1);
    await expect(store.append(stream, [sampleEvent()], 'no-stream')).rejects.toThrow(StoreUnavailable);
    abort.abort();
    expect(await aborted).toMatchObject({ done: true });
    standIn.faults.unavailable = false;
    const event = sampleEvent();
    await store.append(stream, [event], 'no-stream');
    expect(idsOf(await followed)).toEqual([event.id]);
  });
});
