import { describe, expect, it } from '@jest/globals';
import { START } from '../../domain/shared/ids.js';
import { EventsTooLarge, RevisionConflict } from '../../ports/errors.js';
import type { EventStore } from '../../ports/eventStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { idsOf, newStream, readStream, sampleEvent, sampleEvents } from './sampleEvents.js';
import { subscriptionContract } from './subscriptionContract.js';

/** What every event store promises. The log may hold events of others; those of the suite lie in streams of its own. */
export function eventStoreContract(open: () => Promise<Opened<EventStore>>): void {
  describe('appending', () => {
    const { store, reopen } = storePerTest(open);

    it('gives back what was appended, with its place in the stream and in the log', async () => {
      const stream = newStream();
      const event = sampleEvent({
        text: 'Grüße, 世界 🚢 "\\\u0000',
        nested: { list: [1, -0.5, 1e21, true, null, []] },
      });
      const { position, revision } = await store().append(stream, [event], 'no-stream');
      expect(revision).toBe(0);
      expect(position).toMatch(/^\d{20}$/);
      expect(await readStream(store(), stream)).toEqual([{ ...event, stream, revision, position }]);
    });

    it('appends several events at once and answers with the place of the last', async () => {
      const stream = newStream();
      const events = sampleEvents(5);
      const appended = await store().append(stream, events, 'no-stream');
      const recorded = await readStream(store(), stream);
      expect(idsOf(recorded)).toEqual(idsOf(events));
      expect(recorded.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4]);
      expect(recorded.map(({ position }) => position)).toEqual(recorded.map(({ position }) => position).toSorted());
      expect(appended).toEqual({ revision: 4, position: recorded.at(-1)?.position });
    });

    it('goes on at the revision that the stream has', async () => {
      const stream = newStream();
      const first = await store().append(stream, sampleEvents(2), 'no-stream');
      const second = await store().append(stream, sampleEvents(2), first.revision);
      expect(second.revision).toBe(3);
      expect(second.position > first.position).toBe(true);
    });

    it.each([
      ['no stream, but there is one', 'no-stream'],
      ['an older revision', 0],
      ['a revision to come', 2],
    ] as const)('refuses an append that expects %s', async (_, expected) => {
      const stream = newStream();
      await store().append(stream, sampleEvents(2), 'no-stream');
      await expect(store().append(stream, [sampleEvent()], expected)).rejects.toThrow(RevisionConflict);
      expect(await readStream(store(), stream)).toHaveLength(2);
    });

    it('refuses an append that expects a revision of a stream that does not exist', async () => {
      const stream = newStream();
      await expect(store().append(stream, [sampleEvent()], 0)).rejects.toThrow(RevisionConflict);
      expect(await readStream(store(), stream)).toEqual([]);
    });

    it('lets exactly one of fifty concurrent appends win', async () => {
      const stream = newStream();
      const { revision } = await store().append(stream, [sampleEvent()], 'no-stream');
      const contenders = Array.from({ length: 50 }, () => sampleEvent());
      const results = await Promise.allSettled(contenders.map((event) => store().append(stream, [event], revision)));
      const winners = contenders.filter((_, index) => results[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(RevisionConflict);
      }
      expect(idsOf(await readStream(store(), stream, 1))).toEqual(idsOf(winners));
    });

    it('takes concurrent appends to many streams', async () => {
      const streams = Array.from({ length: 50 }, newStream);
      await Promise.all(streams.map((stream) => store().append(stream, sampleEvents(3), 'no-stream')));
      const lengths = await Promise.all(streams.map(async (stream) => (await readStream(store(), stream)).length));
      expect(lengths).toEqual(streams.map(() => 3));
    });

    it('keeps what it acknowledged over a restart', async () => {
      const stream = newStream();
      const events = sampleEvents(3);
      const { revision } = await store().append(stream, events, 'no-stream');
      const reopened = await reopen();
      expect(idsOf(await readStream(reopened, stream))).toEqual(idsOf(events));
      await expect(reopened.append(stream, [sampleEvent()], 'no-stream')).rejects.toThrow(RevisionConflict);
      expect(await reopened.append(stream, [sampleEvent()], revision)).toMatchObject({ revision: 3 });
    });
  });

  describe('repeating an append whose outcome is unknown', () => {
    const { store, reopen } = storePerTest(open);

    it('is answered as the first time', async () => {
      const stream = newStream();
      const events = sampleEvents(3);
      const first = await store().append(stream, events, 'no-stream');
      expect(await store().append(stream, events, 'no-stream')).toEqual(first);
      expect(await readStream(store(), stream)).toHaveLength(3);
    });

    it('is answered as the first time when others have appended since, and after a restart', async () => {
      const stream = newStream();
      const events = sampleEvents(2);
      const before = await store().append(stream, [sampleEvent()], 'no-stream');
      const first = await store().append(stream, events, before.revision);
      await store().append(stream, sampleEvents(2), first.revision);
      expect(await store().append(stream, events, before.revision)).toEqual(first);
      expect(await (await reopen()).append(stream, events, before.revision)).toEqual(first);
    });

    it('is answered for all of fifty concurrent repetitions', async () => {
      const stream = newStream();
      const events = sampleEvents(2);
      const answers = await Promise.all(Array.from({ length: 50 }, () => store().append(stream, events, 'no-stream')));
      expect(new Set(answers.map(({ position }) => position)).size).toBe(1);
      expect(await readStream(store(), stream)).toHaveLength(2);
    });

    it('is refused when the events are not all the same', async () => {
      const stream = newStream();
      const event = sampleEvent();
      await store().append(stream, [event], 'no-stream');
      await expect(store().append(stream, [event, sampleEvent()], 'no-stream')).rejects.toThrow(RevisionConflict);
      expect(await readStream(store(), stream)).toHaveLength(1);
    });
  });

  describe('the size of events', () => {
    const { store } = storePerTest(open);

    it('may be nearly 64 KiB each and nearly 1 MiB together', async () => {
      const stream = newStream();
      const events = Array.from({ length: 16 }, () => sampleEvent({ text: 'x'.repeat(62_000) }));
      await store().append(stream, events, 'no-stream');
      expect(await readStream(store(), stream)).toHaveLength(16);
    });

    it.each([
      ['one event of more than 64 KiB', [sampleEvent(), sampleEvent({ text: 'x'.repeat(65_536) })]],
      ['one event of more than 64 KiB in UTF-8', [sampleEvent({ text: '€'.repeat(22_000) })]],
      ['more than 1 MiB', Array.from({ length: 18 }, () => sampleEvent({ text: 'x'.repeat(62_000) }))],
    ])('is refused for %s', async (_, events) => {
      const stream = newStream();
      await expect(store().append(stream, events, 'no-stream')).rejects.toThrow(EventsTooLarge);
      expect(await readStream(store(), stream)).toEqual([]);
    });
  });

  describe('reading a stream', () => {
    const { store } = storePerTest(open);

    it('finds nothing in a stream that does not exist', async () => {
      const stream = newStream();
      expect(await readStream(store(), stream)).toEqual([]);
      expect(await readStream(store(), stream, 7)).toEqual([]);
      expect(await store().readLast(stream)).toBeUndefined();
    });

    it('begins at the revision that was asked for', async () => {
      const stream = newStream();
      await store().append(stream, sampleEvents(4), 'no-stream');
      expect((await readStream(store(), stream, 2)).map(({ revision }) => revision)).toEqual([2, 3]);
      expect(await readStream(store(), stream, 4)).toEqual([]);
    });

    it('gives all events of a long stream in order', async () => {
      const stream = newStream();
      let revision = -1;
      for (let part = 0; part < 6; part++) {
        const expected = revision < 0 ? 'no-stream' : revision;
        ({ revision } = await store().append(stream, sampleEvents(256), expected));
      }
      const recorded = await readStream(store(), stream);
      expect(recorded.map((event) => event.revision)).toEqual(Array.from({ length: 1536 }, (_, index) => index));
    });

    it('sees an append as soon as it is acknowledged', async () => {
      const stream = newStream();
      expect(await readStream(store(), stream)).toEqual([]);
      for (let revision = 0; revision < 5; revision++) {
        await store().append(stream, [sampleEvent()], revision === 0 ? 'no-stream' : revision - 1);
        expect(await readStream(store(), stream)).toHaveLength(revision + 1);
        expect(await store().readLast(stream)).toMatchObject({ stream, revision });
      }
    });
  });

  describe('reading the log', () => {
    const { store } = storePerTest(open);

    it('goes through it in pages, without a gap or a repeat', async () => {
      const start = await store().end();
      const streams = [newStream(), newStream(), newStream()];
      for (const stream of streams) await store().append(stream, sampleEvents(7), 'no-stream');
      const seen = [];
      for (let after = start; ;) {
        const page = await store().readAll(after, 4);
        expect(page.length).toBeLessThanOrEqual(4);
        const last = page.at(-1);
        if (!last) break;
        seen.push(...page);
        after = last.position;
      }
      const ours = seen.filter(({ stream }) => streams.includes(stream));
      expect(ours.map(({ stream, revision }) => [stream, revision])).toEqual(
        streams.flatMap((stream) => Array.from({ length: 7 }, (_, revision) => [stream, revision])),
      );
      expect(new Set(seen.map(({ position }) => position)).size).toBe(seen.length);
    });

    it('ends at the position of the last append', async () => {
      const before = await store().end();
      expect(before >= START).toBe(true);
      const { position } = await store().append(newStream(), sampleEvents(2), 'no-stream');
      expect((await store().end()) >= position).toBe(true);
      expect((await store().readAll(before, 10)).map((event) => event.position)).toContain(position);
    });
  });

  subscriptionContract(open);
}
