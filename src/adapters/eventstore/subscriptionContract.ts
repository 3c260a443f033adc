import { describe, expect, it } from '@jest/globals';
import type { EventStore } from '../../ports/eventStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { follow, idsOf, newStream, sampleEvent, sampleEvents } from './sampleEvents.js';

/** The part of the event store's contract that is about following the log. */
export function subscriptionContract(open: () => Promise<Opened<EventStore>>): void {
  describe('a subscription', () => {
    const { store, reopen } = storePerTest(open);

    it('gives what is there and then what comes', async () => {
      const start = await store().end();
      const stream = newStream();
      const [first, second, third] = [sampleEvent(), sampleEvent(), sampleEvent()];
      await store().append(stream, [first], 'no-stream');
      const followed = follow(store(), start, [stream], 3);
      await store().append(stream, [second], 0);
      const { position } = await store().append(stream, [third], 1);
      const events = await followed;
      expect(events.map(({ id, revision }) => [id, revision])).toEqual([
        [first.id, 0],
        [second.id, 1],
        [third.id, 2],
      ]);
      expect(events.at(-1)).toEqual({ ...third, stream, revision: 2, position });
    });

    it('gives live events as they are read back later', async () => {
      const start = await store().end();
      const stream = newStream();
      const followed = follow(store(), start, [stream], 40);
      for (let append = 0; append < 20; append++) {
        await store().append(stream, sampleEvents(2), append === 0 ? 'no-stream' : append * 2 - 1);
      }
      expect(await followed).toEqual(await follow(store(), start, [stream], 40));
    });

    it('neither misses nor repeats an event while many are appended', async () => {
      const start = await store().end();
      const streams = Array.from({ length: 10 }, newStream);
      const appendTo = async (stream: (typeof streams)[number]): Promise<void> => {
        for (let append = 0; append < 30; append++) {
          await store().append(stream, sampleEvents(2), append === 0 ? 'no-stream' : append * 2 - 1);
        }
      };
      const early = follow(store(), start, streams, 600);
      const appending = Promise.all(streams.map(appendTo));
      const late = [];
      for (let subscriber = 0; subscriber < 5; subscriber++) {
        await store().append(newStream(), [sampleEvent()], 'no-stream');
        late.push(follow(store(), start, streams, 600));
      }
      await appending;
      const expected = idsOf(await early);
      expect(expected).toHaveLength(600);
      expect(new Set(expected).size).toBe(600);
      for (const events of await Promise.all(late)) {
        expect(idsOf(events)).toEqual(expected);
        const positions = events.map(({ position }) => position);
        expect(positions).toEqual(positions.toSorted());
      }
    });

    it('goes on after a restart where the last one left off', async () => {
      const start = await store().end();
      const stream = newStream();
      await store().append(stream, sampleEvents(3), 'no-stream');
      const before = await follow(store(), start, [stream], 3);
      await store().append(stream, sampleEvents(2), 2);
      const reopened = await reopen();
      const followed = follow(reopened, before.at(-1)?.position ?? start, [stream], 4);
      await reopened.append(stream, sampleEvents(2), 4);
      expect((await followed).map(({ revision }) => revision)).toEqual([3, 4, 5, 6]);
    });

    it('ends when it is aborted while it waits', async () => {
      const abort = new AbortController();
      const batches = store()
        .subscribeAll(await store().end(), abort.signal)
        [Symbol.asyncIterator]();
      const waiting = batches.next();
      abort.abort();
      expect(await waiting).toMatchObject({ done: true });
    });

    it('ends at once when it was aborted before', async () => {
      const start = await store().end();
      await store().append(newStream(), [sampleEvent()], 'no-stream');
      const batches = store().subscribeAll(start, AbortSignal.abort())[Symbol.asyncIterator]();
      expect(await batches.next()).toMatchObject({ done: true });
    });

    it('ends after the batch in hand when it is aborted meanwhile', async () => {
      const start = await store().end();
      const abort = new AbortController();
      await store().append(newStream(), [sampleEvent()], 'no-stream');
      let batches = 0;
      for await (const batch of store().subscribeAll(start, abort.signal)) {
        batches += batch.length > 0 ? 1 : 0;
        abort.abort();
      }
      expect(batches).toBe(1);
    });
  });
}
