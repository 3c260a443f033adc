import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { EventIdTaken, RevisionConflict, StoreUnavailable } from '../../ports/errors.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { openLog } from '../sqlite/log.js';
import { temporaryFolder } from '../sqlite/temporaryFolder.js';
import { eventStoreContract } from './contract.js';
import { follow, idsOf, newStream, readStream, sampleEvent, sampleEvents } from './sampleEvents.js';
import { SqliteEventStore } from './sqlite.js';

async function open(): Promise<Opened<SqliteEventStore>> {
  const folder = temporaryFolder();
  const path = join(folder.path, 'log.sqlite');
  let log = await openLog(path);
  let store = new SqliteEventStore(log);
  const close = async (): Promise<void> => {
    store.close();
    await log.close();
  };
  return {
    get store() {
      return store;
    },
    async reopen() {
      await close();
      log = await openLog(path);
      store = new SqliteEventStore(log);
      return store;
    },
    async close() {
      await close();
      folder.remove();
    },
  };
}

describe('the event store on SQLite', () => {
  eventStoreContract(open);

  describe('in particular', () => {
    const { store } = storePerTest(open);

    it('keeps refused appends from harming those that are committed with them', async () => {
      const [existing, ...fresh] = Array.from({ length: 20 }, newStream);
      if (!existing) return;
      const taken = sampleEvent();
      await store().append(existing, [taken], 'no-stream');
      const submitted = fresh.flatMap((stream) => [
        store().append(stream, sampleEvents(2), 'no-stream'),
        store().append(existing, sampleEvents(2), 'no-stream'),
        store().append(stream, [sampleEvent(), taken], 1),
        store().append(stream, sampleEvents(1), 1),
      ]);
      const results = await Promise.allSettled(submitted);
      const kinds = results.map((result) =>
        result.status === 'fulfilled' ? 'fulfilled' : (result.reason as Error).name,
      );
      expect(kinds).toEqual(fresh.flatMap(() => ['fulfilled', 'RevisionConflict', 'EventIdTaken', 'fulfilled']));
      for (const stream of fresh) expect(await readStream(store(), stream)).toHaveLength(3);
      expect(await readStream(store(), existing)).toHaveLength(1);
    });

    it('numbers positions without a gap, also where appends were refused', async () => {
      const stream = newStream();
      const start = BigInt(await store().end());
      await store().append(stream, [sampleEvent()], 'no-stream');
      await expect(store().append(stream, [sampleEvent()], 'no-stream')).rejects.toThrow(RevisionConflict);
      await store().append(stream, [sampleEvent()], 0);
      expect((await readStream(store(), stream)).map(({ position }) => BigInt(position) - start)).toEqual([1n, 2n]);
    });

    it('refuses an event id that another stream, another revision or the same append has', async () => {
      const [stream, other] = [newStream(), newStream()];
      const event = sampleEvent();
      await store().append(stream, [event], 'no-stream');
      await expect(store().append(other, [event], 'no-stream')).rejects.toThrow(EventIdTaken);
      await expect(store().append(stream, [event], 0)).rejects.toThrow(EventIdTaken);
      const twice = sampleEvent();
      await expect(store().append(stream, [twice, twice], 0)).rejects.toThrow(EventIdTaken);
      expect(await readStream(store(), other)).toEqual([]);
    });

    it('hands events to a waiting subscriber before the appender is told', async () => {
      const order: string[] = [];
      const stream = newStream();
      const batches = store().subscribeAll(await store().end(), new AbortController().signal);
      const delivered = batches.next().then(() => order.push('subscriber'));
      await new Promise(setImmediate);
      await store()
        .append(stream, [sampleEvent()], 'no-stream')
        .then(async () => {
          await new Promise((resolve) => {
            process.nextTick(resolve);
          });
          order.push('appender, end of the same turn');
        });
      await delivered;
      await batches.return();
      expect(order).toEqual(['subscriber', 'appender, end of the same turn']);
    });

    it("hands on the appender's own data, without parsing it again", async () => {
      const stream = newStream();
      const event = sampleEvent();
      const followed = store().subscribeAll(await store().end(), new AbortController().signal);
      const first = followed.next();
      await new Promise(setImmediate);
      await store().append(stream, [event], 'no-stream');
      const { value } = await first;
      await followed.return();
      expect(value?.[0]?.data).toBe(event.data);
    });

    it('gives a subscriber that is too slow for the buffer everything from disk', async () => {
      const start = await store().end();
      const stream = newStream();
      const slow = store().subscribeAll(start, new AbortController().signal);
      const first = slow.next();
      await new Promise(setImmediate);
      let revision = -1;
      const appended = [];
      for (let append = 0; append < 24; append++) {
        const events = sampleEvents(250);
        appended.push(...events);
        ({ revision } = await store().append(stream, events, revision < 0 ? 'no-stream' : revision));
      }
      const seen = [...((await first).value ?? [])];
      for await (const batch of slow) {
        seen.push(...batch);
        if (seen.length >= appended.length) break;
      }
      expect(idsOf(seen)).toEqual(idsOf(appended));
    });

    it('refuses an append of no events', async () => {
      await expect(store().append(newStream(), [], 'no-stream')).rejects.toThrow(RangeError);
    });
  });

  it('answers what was submitted before it is closed, and ends subscriptions', async () => {
    const opened = await open();
    const { store } = opened;
    const stream = newStream();
    const submitted = store.append(stream, [sampleEvent()], 'no-stream');
    const waiting = follow(store, (await submitted).position, [stream], 1);
    const last = store.append(stream, [sampleEvent()], 0);
    const following = Promise.allSettled([waiting]);
    await opened.close();
    expect(await last).toMatchObject({ revision: 1 });
    expect(await following).toMatchObject([{ status: 'rejected' }]);
    await expect(store.append(stream, [sampleEvent()], 1)).rejects.toThrow(StoreUnavailable);
  });
});
