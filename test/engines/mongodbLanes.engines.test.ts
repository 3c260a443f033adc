import { describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { newSpec, put, remove } from '../../src/adapters/documents/contract.js';
import { LaneShapeChanged } from '../../src/adapters/documents/laneShape.js';
import { LaneIndexMissing } from '../../src/adapters/documents/mongodb/indexes.js';
import { LaneGone } from '../../src/adapters/documents/mongodb/records.js';
import { position } from '../../src/domain/shared/ids.js';
import { BY_KEY, type LaneSpec } from '../../src/ports/documentStore.js';
import { CheckpointRegressed, StoreUnavailable } from '../../src/ports/errors.js';
import { mongoLanes, newClock } from './mongoLanes.js';

const lanes = await mongoLanes();

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

if (lanes) {
  const { client, database, open, collectionsOf, recordsOf } = lanes;
  const db = client.db(database);
  const tagsOf = async ({ projection }: LaneSpec) => {
    const name = (await collectionsOf({ projection, version: 1, collections: [] })).find((each) =>
      each.endsWith('.tags'),
    );
    return db.collection<{ _id: string; t?: string }>(name ?? '');
  };

  describe('lanes that several processes share', () => {
    it('are made by one of those who open them at once', async () => {
      const spec = newSpec();
      const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
      const opened = await Promise.all(stores.map((store) => store.active(spec)));
      await opened[0]?.commit([put('a', { n: 1 })], position(1));
      for (const lane of opened) expect(await lane.collection('tags').get('a')).toEqual({ n: 1 });
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['active']);
      expect(await collectionsOf(spec)).toHaveLength(2);
    });

    it('go on with the documents of a build that another process activated, within a second', async () => {
      const spec = newSpec();
      const [reader, maker] = [await open(), await open()];
      const lane = await reader.active(spec);
      const tags = lane.collection('tags');
      await lane.commit([put('a', { n: 1 })], position(1));
      const build = await maker.build(spec);
      await build.commit([put('a', { n: 2 })], position(7));
      await maker.activate(spec, build.build);
      const activated = performance.now();
      for (;;) {
        const began = performance.now();
        const document = await tags.get('a');
        if (document?.['n'] === 2) break;
        expect(began - activated).toBeLessThan(1_000);
      }
      expect(await reader.lanes()).toContainEqual(
        expect.objectContaining({ projection: spec.projection, active: true, checkpoint: position(7) }),
      );
    });

    it('are seen anew at once by who lists them', async () => {
      const spec = newSpec();
      const clock = { wall: () => Date.now(), steady: () => 1 };
      const [reader, maker] = [await open({ clock }), await open()];
      const tags = (await reader.active(spec)).collection('tags');
      const build = await maker.build(spec);
      await build.commit([put('a', { n: 1 })], position(7));
      await maker.activate(spec, build.build);
      await reader.lanes();
      expect(await tags.get('a')).toEqual({ n: 1 });
    });

    it('tell the feeder of one that was replaced elsewhere, also in the middle of a commit', async () => {
      const spec = newSpec();
      const [feeder, maker] = [await open(), await open()];
      const lane = await feeder.active(spec);
      await lane.commit([put('a', { n: 1 })], position(1));
      const build = await maker.build(spec);
      await build.commit([put('a', { n: 2 })], position(1));
      await maker.activate(spec, build.build);
      await expect(lane.commit([put('a', { n: 3 })], position(2))).rejects.toThrow(CheckpointRegressed);
      await expect(lane.commit([], position(2))).rejects.toThrow(CheckpointRegressed);
      expect(await lane.checkpoint()).toBe(position(1));
      await lane.commit([put('b', { n: 3 })], position(2));
      expect(await lane.collection('tags').getMany(['a', 'b'])).toEqual([{ n: 2 }, { n: 3 }]);
    });

    it('do not go back: a build that others have overtaken is not activated', async () => {
      const spec = newSpec();
      const [feeder, sleeper] = [await open(), await open()];
      const lane = await feeder.active(spec);
      await lane.commit([put('right', { granted: true })], position(1));
      const build = await sleeper.build(spec);
      await build.commit([put('right', { granted: true })], position(1));
      await lane.commit([remove('right')], position(2));
      await expect(sleeper.activate(spec, build.build)).rejects.toThrow(CheckpointRegressed);
      expect(await lane.collection('tags').get('right')).toBeUndefined();
      await lane.commit([put('b', {})], position(3));
      expect(await (await sleeper.active(spec)).checkpoint()).toBe(position(3));
    });

    it('keep what was replaced for those who are reading it, and then drop it', async () => {
      const spec = newSpec();
      const clock = newClock();
      const store = await open({ clock });
      const lane = await store.active(spec);
      await lane.commit(
        Array.from({ length: 300 }, (_, n) => put(`a${String(n).padStart(3, '0')}`, { n })),
        position(1),
      );
      const scan = lane.collection('tags').scan()[Symbol.asyncIterator]();
      expect((await scan.next()).done).toBe(false);
      const build = await store.build(spec);
      await build.commit([], position(1));
      await store.activate(spec, build.build);
      await store.keep();
      expect(await collectionsOf(spec)).toHaveLength(4);
      // It would go on among other documents, or find none any more.
      const rest = async (): Promise<void> => {
        for (let isDone = false; !isDone; isDone = (await scan.next()).done === true);
      };
      await expect(rest()).rejects.toThrow(StoreUnavailable);
      clock.pass(6 * MINUTE);
      await store.keep();
      expect(await collectionsOf(spec)).toHaveLength(2);
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['active']);
    });

    it('leave the builds of others alone until those have been silent for minutes', async () => {
      const spec = newSpec();
      const clock = newClock();
      const [maker, other] = [await open(), await open({ clock })];
      const build = await maker.build(spec);
      await other.discardBuilds(spec.projection);
      await build.commit([put('a', { n: 1 })], position(1));
      clock.pass(3 * MINUTE);
      await other.discardBuilds(spec.projection);
      await expect(build.commit([put('a', { n: 2 })], position(2))).rejects.toThrow(LaneGone);
      await expect(maker.activate(spec, build.build)).rejects.toThrow(RangeError);
      expect(await collectionsOf(spec)).toEqual([]);
    });

    it('of other versions stay while programs read them, and a day', async () => {
      const old = newSpec(1);
      const next = newSpec(2, old.projection);
      const clock = newClock();
      const [reader, upgraded] = [await open(), await open({ clock })];
      const tags = (await reader.active(old)).collection('tags');
      await (await reader.active(old)).commit([put('a', { n: 1 })], position(1));
      const build = await upgraded.build(next);
      await build.commit([put('a', { n: 2 })], position(1));
      await upgraded.activate(next, build.build);
      await upgraded.active(next);
      expect(await tags.get('a')).toEqual({ n: 1 });
      clock.pass(23 * HOUR);
      await upgraded.keep();
      expect(await collectionsOf(old)).toHaveLength(4);
      expect(await tags.get('a')).toEqual({ n: 1 });
      clock.pass(2 * HOUR);
      const restarted = await open({ clock }); // it looks for such things when it begins, and each hour
      await restarted.active(next);
      await restarted.keep();
      expect((await recordsOf(old)).map(({ version }) => version)).toEqual([2]);
      expect(await collectionsOf(old)).toHaveLength(2);
      await reader.lanes();
      await expect(tags.get('a')).rejects.toThrow(LaneGone);
    });

    it('begin anew without what one left who died while he made or dropped them', async () => {
      const spec = newSpec();
      const clock = newClock();
      const store = await open({ clock });
      await store.active(spec);
      const stray = `${spec.projection}.1.${(Date.now() - 1).toString(36).padStart(8, '0')}abcdef.tags`;
      await db.collection<{ _id: string }>(stray).insertOne({ _id: 'late' });
      await db.collection<{ _id: string; n: number }>(`${spec.projection}.notes`).insertOne({ _id: 'mine', n: 1 });
      await store.keep();
      expect(await collectionsOf(spec)).toContain(stray);
      clock.pass(25 * HOUR);
      const restarted = await open({ clock });
      await restarted.active(spec);
      await restarted.keep();
      const left = await collectionsOf(spec);
      expect(left).not.toContain(stray);
      expect(left).toHaveLength(3);
    });
  });

  describe('indexes', () => {
    it.each(['is missing', 'is another'])('are looked at when a lane is opened: one %s', async (what) => {
      const spec = newSpec();
      await (await open()).active(spec);
      const tags = await tagsOf(spec);
      await tags.dropIndex('x_byName');
      if (what === 'is another') await tags.createIndexes([{ key: { 'x.bySize': 1, _id: 1 }, name: 'x_byName' }]);
      const opening = (await open()).active(spec);
      await expect(opening).rejects.toThrow(LaneIndexMissing);
      await expect(opening).rejects.toThrow(/^[^\n]+$/);
    });

    it('that were changed without raising the version are refused', async () => {
      const spec = newSpec();
      await (await open()).active(spec);
      const changed = { ...spec, collections: [{ name: 'tags', indexes: { byName: ['name', 'at'] } }] };
      await expect((await open()).active(changed)).rejects.toThrow(LaneShapeChanged);
    });
  });

  describe('deleted documents', () => {
    it('are nowhere to be seen, and leave a tombstone until nobody can bring them back', async () => {
      const spec = newSpec();
      const clock = newClock();
      const lane = await (await open({ clock })).active(spec);
      const tags = lane.collection('tags');
      await lane.commit([put('a', { name: 'x' }), put('b', { name: 'x' }), put('c', { name: 'x' })], position(1));
      await lane.commit([remove('b'), remove('never')], position(2));
      const seen = async (): Promise<unknown> => {
        const scanned: string[] = [];
        for await (const { key } of tags.scan()) scanned.push(key);
        const byName = await tags.find({ index: 'byName', equals: ['x'], limit: 9 });
        const byKey = await tags.find({ index: BY_KEY, equals: [], skip: 1, limit: 9 });
        return [
          scanned,
          byName.documents.length,
          byKey.documents.length,
          await tags.getMany(['a', 'b']),
          await tags.get('b'),
        ];
      };
      const expected = [['a', 'c'], 2, 1, [{ name: 'x' }, undefined], undefined];
      expect(await seen()).toEqual(expected);
      const tombstones = async (): Promise<string[]> =>
        (await (await tagsOf(spec)).find({ t: { $exists: true } }).toArray()).map(({ _id }) => _id);
      expect(await tombstones()).toEqual(['b']);
      clock.pass(59 * MINUTE);
      await lane.commit([remove('c')], position(3));
      expect(await tombstones()).toEqual(['b', 'c']);
      clock.pass(2 * MINUTE);
      await lane.commit([put('c', { name: 'x' }), remove('a')], position(4));
      expect(await tombstones()).toEqual(['a', 'b']);
      clock.pass(HOUR);
      await lane.commit([], position(5));
      expect(await tombstones()).toEqual(['a']);
    });
  });
} else {
  it.skip('lanes on MongoDB: there is no server', () => undefined);
}
