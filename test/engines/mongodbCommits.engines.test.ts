import { describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { newSpec, put, remove } from '../../src/adapters/documents/contract.js';
import { position } from '../../src/domain/shared/ids.js';
import { CheckpointRegressed, StoreUnavailable } from '../../src/ports/errors.js';
import { Died, intercepted, mortal, type Death } from './mongoCalls.js';
import { contents, feed, mongoLanes } from './mongoLanes.js';

const lanes = await mongoLanes();

if (lanes) {
  const { client, database, open } = lanes;

  /** What a lane shows that was fed by one who did not die. */
  async function undisturbed(events: number): Promise<unknown> {
    const store = await open();
    const spec = newSpec();
    await feed(store, spec, events);
    return contents(store, spec);
  }

  const rawLane = async (id: string) => client.db(database).collection<{ _id: string }>('lanes').findOne({ _id: id });
  const partsLeft = (): Promise<number> => client.db(database).collection('journals').countDocuments();

  describe('commits to MongoDB', () => {
    // A commit to two collections writes four times: journal, two bulks of documents, checkpoint.
    const deaths = (['before', 'after', 'halfway'] as const).flatMap((when) =>
      [1, 2, 3, 4].map((write): [Death, number] => [when, write]),
    );
    it.each(deaths)('happen once although the feeder dies %s write %d; another goes on', async (when, write) => {
      const spec = newSpec();
      const first = mortal(client);
      const store = await open({ client: first.client });
      await feed(store, spec, 7);
      first.dieAt(write, when);
      await expect(feed(store, spec, 12)).rejects.toThrow(Died);
      const second = await open();
      await feed(second, spec, 12);
      expect(await contents(second, spec)).toEqual(await undisturbed(12));
    });

    it('happen once although those who finish them die, too', async () => {
      const spec = newSpec();
      await feed(await open(), spec, 5);
      for (const write of [3, 2, 1, 3, 2, 1]) {
        const next = mortal(client);
        const store = await open({ client: next.client });
        await store.active(spec);
        next.dieAt(write, 'halfway');
        await expect(feed(store, spec, 12)).rejects.toThrow(Died);
      }
      const last = await open();
      await feed(last, spec, 12);
      expect(await contents(last, spec)).toEqual(await undisturbed(12));
    });

    it('of one who fell asleep change nothing when he wakes up after others went on', async () => {
      const spec = newSpec();
      const { promise: awake, resolve: wake } = Promise.withResolvers<undefined>();
      const { promise: asleep, resolve: fall } = Promise.withResolvers<undefined>();
      const sleepy = await open({
        client: intercepted(client, async ({ method, collection, proceed }) => {
          if (method === 'bulkWrite' && collection.endsWith('.tags')) {
            fall(undefined);
            await awake;
          }
          return proceed();
        }),
      });
      const late = await sleepy.active(spec);
      const writes = [put('a', { n: 1, name: 'x' }), put('b', { n: 1, name: 'x' }), put('c', { n: 1, name: 'x' })];
      const commit = late.commit(writes, position(1));
      await asleep;
      const store = await open();
      const lane = await store.active(spec);
      expect(await lane.checkpoint()).toBe(position(1));
      await lane.commit([put('b', { n: 2, name: 'x' }), remove('c')], position(2));
      wake(undefined);
      await commit;
      const tags = lane.collection('tags');
      expect(await tags.getMany(['a', 'b', 'c'])).toEqual([{ n: 1, name: 'x' }, { n: 2, name: 'x' }, undefined]);
      expect((await tags.find({ index: 'byName', equals: ['x'], limit: 9 })).documents).toHaveLength(2);
      expect(await lane.checkpoint()).toBe(position(2));
      await expect(late.commit([put('a', { n: 9 })], position(3))).rejects.toThrow(CheckpointRegressed);
      expect(await late.checkpoint()).toBe(position(2));
      await late.commit([put('a', { n: 3 })], position(3));
      expect(await tags.get('a')).toEqual({ n: 3 });
      await expect(lane.commit([], position(4))).rejects.toThrow(CheckpointRegressed);
    });

    it('of one who slept for long send nothing any more: what was deleted is forgotten some day', async () => {
      const spec = newSpec();
      let asleep = 0;
      let bulks = 0;
      const sleepy = await open({
        clock: { wall: () => Date.now() + asleep, steady: () => performance.now() },
        client: intercepted(client, async ({ method, proceed }) => {
          const answer = await proceed();
          if (method === 'updateOne') asleep = 61_000;
          if (method === 'bulkWrite') bulks += 1;
          return answer;
        }),
      });
      const late = await sleepy.active(spec);
      asleep = 0;
      await expect(late.commit([put('a', { n: 1 })], position(1))).rejects.toThrow(StoreUnavailable);
      expect(bulks).toBe(0);
      expect(await (await (await open()).active(spec)).checkpoint()).toBe(position(1));
      await expect(late.commit([put('a', { n: 2 })], position(2))).rejects.toThrow(CheckpointRegressed);
    });

    it('that an engine cannot do in time are sent again in smaller bulks, and not what was done', async () => {
      const spec = newSpec();
      const sent: number[] = [];
      const done = new Set<unknown>();
      let passed = 0;
      const store = await open({
        clock: { wall: () => Date.now(), steady: () => performance.now() + passed },
        client: intercepted(client, async ({ method, parameters: [operations], proceed }) => {
          if (method !== 'bulkWrite' || !Array.isArray(operations)) return proceed();
          sent.push(operations.length);
          // Each call takes so long that four of them are all there is time for.
          passed += 16_000;
          if (operations.length > 10) throw new StoreUnavailable('no answer in time');
          for (const operation of operations) {
            expect(done).not.toContainEqual(operation);
            done.add(operation);
          }
          return proceed();
        }),
      });
      const lane = await store.active(spec);
      const writes = Array.from({ length: 60 }, (_, n) => put(`a${n}`, { n, name: 'x' }));
      await expect(lane.commit(writes, position(1))).rejects.toThrow(StoreUnavailable);
      for (let attempt = 0; (await lane.checkpoint().catch(() => undefined)) === undefined; attempt++) {
        expect(attempt).toBeLessThan(20);
      }
      expect(await lane.checkpoint()).toBe(position(1));
      expect(sent.slice(0, 4)).toEqual([60, 30, 15, 7]);
      expect(done.size).toBe(60);
      expect(
        (await lane.collection('tags').find({ index: 'byName', equals: ['x'], limit: 99 })).documents,
      ).toHaveLength(60);
    });

    it('of two who race count each event once', async () => {
      const spec = newSpec();
      const racers = [await open(), await open()];
      // Who only ever met commits of the other one is told so, and tries again.
      const again = (): Promise<void> => Promise.resolve();
      await Promise.all(racers.map((store) => feed(store, spec, 200, again)));
      const shown = await contents(await open(), spec);
      expect(shown).toMatchObject({ checkpoint: position(200) });
      expect(shown).toEqual(await undisturbed(200));
    });

    it('are known to be of another, also where he stands at the same checkpoint', async () => {
      const spec = newSpec();
      const [one, other] = [await (await open()).active(spec), await (await open()).active(spec)];
      await one.commit([put('a', { n: 1 })], position(5));
      await expect(other.commit([put('a', { n: 2 })], position(5))).rejects.toThrow(CheckpointRegressed);
      expect(await one.collection('tags').get('a')).toEqual({ n: 1 });
    });

    it('larger than one record may be lie in parts until they are done', async () => {
      const spec = newSpec();
      const text = 'ä'.repeat(1024 * 1024);
      const writes = Array.from({ length: 5 }, (_, n) => put(`large-${n}`, { n, text }));
      const dying = mortal(client);
      const store = await open({ client: dying.client });
      const lane = await store.active(spec);
      dying.dieAt(5, 'before'); // two parts, the journal and the first bulk of documents are there
      await expect(lane.commit(writes, position(1))).rejects.toThrow(Died);
      expect(await partsLeft()).toBe(2);
      const second = await (await open()).active(spec);
      expect(await second.collection('tags').get('large-4')).toBeUndefined();
      expect(await second.checkpoint()).toBe(position(1));
      expect(await second.collection('tags').get('large-4')).toEqual({ n: 4, text });
      expect(await partsLeft()).toBe(0);
      await second.commit([put('large-0', { text })], position(2));
      expect(await partsLeft()).toBe(0);
    });

    it('refuse before anything is written what the engine would refuse afterwards', async () => {
      const spec = newSpec();
      const lane = await (await open()).active(spec);
      const large = put('a', { text: 'x'.repeat(16 * 1024 * 1024) });
      await expect(lane.commit([put('b', {}), large], position(1))).rejects.toThrow(RangeError);
      expect(await rawLane(`${spec.projection}/1`)).toMatchObject({ checkpoint: position(0), journal: null });
      await lane.commit([put('c', { n: 1 })], position(1));
      expect(await lane.collection('tags').getMany(['a', 'b', 'c'])).toEqual([undefined, undefined, { n: 1 }]);
    });

    it('take three round trips, and one where there is nothing to write', async () => {
      const monitored = lanes.newClient({ monitorCommands: true });
      const lane = await (await open({ client: monitored })).active(newSpec());
      let commands: string[] = [];
      monitored.on('commandStarted', ({ commandName }) => commands.push(commandName));
      await lane.commit([put('a', { n: 1 }), put('b', { n: 1 }), remove('c')], position(1));
      expect(commands).toEqual(['update', 'update', 'update']);
      commands = [];
      await lane.commit([], position(2));
      expect(commands).toEqual(['update']);
      commands = [];
      // One for each collection, but side by side.
      await lane.commit([put('a', { n: 2 }), put('a', { n: 2 }, 'repositories')], position(3));
      expect(commands).toEqual(['update', 'update', 'update', 'update']);
      await monitored.close();
    });

    it('and everything else say StoreUnavailable where there is no server any more', async () => {
      const own = lanes.newClient({});
      const store = await open({ client: own });
      const lane = await store.active(newSpec());
      await own.close();
      const calls = [
        () => lane.commit([], position(1)),
        () => lane.commit([put('a', {})], position(1)),
        () => lane.checkpoint(),
        () => lane.collection('tags').get('a'),
        () => lane.collection('tags').getMany(['a', 'b']),
        () => lane.collection('tags').find({ index: 'byName', equals: [], limit: 1 }),
        () => store.lanes(),
        () => store.active(newSpec()),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(StoreUnavailable);
      await store.close();
    });
  });
} else {
  it.skip('commits to MongoDB: there is no server', () => undefined);
}
