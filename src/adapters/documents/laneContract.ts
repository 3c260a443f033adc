import { describe, expect, it } from '@jest/globals';
import { position, START } from '../../domain/shared/ids.js';
import type { DocumentStore, LaneSpec } from '../../ports/documentStore.js';
import { CheckpointRegressed } from '../../ports/errors.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { newSpec, put, remove } from './contract.js';

/** The part of the document store's contract that is about lanes: feeding, rebuilding, switching. */
export function laneContract(
  open: () => Promise<Opened<DocumentStore>>,
  otherVersions: 'replaced' | 'kept' = 'replaced',
): void {
  const { store, reopen } = storePerTest(open);

  const lanesOf = async ({ projection }: LaneSpec, from: DocumentStore = store()): Promise<unknown[]> =>
    (await from.lanes())
      .filter((lane) => lane.projection === projection)
      .map(({ version, active, checkpoint }) => ({ version, active, checkpoint }));

  describe('feeding a lane', () => {
    it('begins empty, at the start of the log', async () => {
      const spec = newSpec();
      expect(await store().hasActive(spec)).toBe(false);
      const lane = await store().active(spec);
      expect(await lane.checkpoint()).toBe(START);
      expect(await lane.collection('tags').get('a')).toBeUndefined();
      expect(await store().hasActive(spec)).toBe(true);
    });

    it('keeps documents and checkpoint together over a restart', async () => {
      const spec = newSpec();
      await (await store().active(spec)).commit([put('a', { n: 1 })], position(7));
      const lane = await (await reopen()).active(spec);
      expect(await lane.checkpoint()).toBe(position(7));
      expect(await lane.collection('tags').get('a')).toEqual({ n: 1 });
    });

    it('moves the checkpoint also where there is nothing to write', async () => {
      const lane = await store().active(newSpec());
      await lane.commit([], position(5));
      expect(await lane.checkpoint()).toBe(position(5));
    });

    it('refuses a checkpoint lower than the present one, with its documents', async () => {
      const lane = await store().active(newSpec());
      await lane.commit([put('a', { n: 1 })], position(10));
      await expect(lane.commit([put('a', { n: 0 })], position(9))).rejects.toThrow(CheckpointRegressed);
      expect(await lane.collection('tags').get('a')).toEqual({ n: 1 });
      expect(await lane.checkpoint()).toBe(position(10));
    });

    it('changes nothing when a commit is repeated', async () => {
      const lane = await store().active(newSpec());
      for (let time = 0; time < 2; time++) {
        await lane.commit([put('a', { n: 1 }), put('b', { n: 1 }), remove('b')], position(3));
      }
      expect(await lane.checkpoint()).toBe(position(3));
      expect(await lane.collection('tags').getMany(['a', 'b'])).toEqual([{ n: 1 }, undefined]);
    });

    it('writes all or nothing', async () => {
      const lane = await store().active(newSpec());
      const writes = [put('a', { n: 1 }), put('b', { n: 1 }, 'undeclared')];
      await expect(lane.commit(writes, position(3))).rejects.toThrow();
      expect(await lane.checkpoint()).toBe(START);
      await lane.commit([put('c', { n: 1 })], position(4));
      expect(await lane.collection('tags').getMany(['a', 'c'])).toEqual([undefined, { n: 1 }]);
    });

    it('reads what a commit wrote as soon as it is answered', async () => {
      const lane = await store().active(newSpec());
      const collection = lane.collection('tags');
      for (let n = 1; n <= 20; n++) {
        await lane.commit([put('a', { n, name: 'x' })], position(n));
        expect(await collection.get('a')).toMatchObject({ n });
        expect((await collection.find({ index: 'byName', equals: ['x'], limit: 1 })).documents).toMatchObject([{ n }]);
      }
    });

    it('keeps the lanes of different projections apart', async () => {
      const [one, other] = [await store().active(newSpec()), await store().active(newSpec())];
      await one.commit([put('a', { n: 1 })], position(3));
      expect(await other.collection('tags').get('a')).toBeUndefined();
      expect(await other.checkpoint()).toBe(START);
    });
  });

  describe('rebuilding a lane', () => {
    it('builds a fresh lane beside the active one, which queries do not see', async () => {
      const spec = newSpec();
      const active = await store().active(spec);
      await active.commit([put('a', { n: 1 })], position(3));
      const build = await store().build(spec);
      expect(await build.checkpoint()).toBe(START);
      expect(await build.collection('tags').get('a')).toBeUndefined();
      await build.commit([put('a', { n: 2 }), put('b', { n: 2 })], position(2));
      await active.commit([put('c', { n: 1 })], position(4));
      expect(await active.collection('tags').getMany(['a', 'b', 'c'])).toEqual([{ n: 1 }, undefined, { n: 1 }]);
      expect(await build.collection('tags').getMany(['a', 'b', 'c'])).toEqual([{ n: 2 }, { n: 2 }, undefined]);
    });

    it('finds by index in a build', async () => {
      const build = await store().build(newSpec());
      const find = async (): Promise<unknown> =>
        (await build.collection('tags').find({ index: 'byName', equals: ['x'], limit: 9 })).documents;
      await build.commit([put('a', { n: 1, name: 'x' }), put('b', { n: 2, name: 'y' })], position(1));
      expect(await find()).toEqual([{ n: 1, name: 'x' }]);
      await build.commit([put('b', { n: 3, name: 'x' }), remove('a')], position(2));
      expect(await find()).toEqual([{ n: 3, name: 'x' }]);
    });

    it('refuses a lower checkpoint in a build, too', async () => {
      const build = await store().build(newSpec());
      await build.commit([put('a', { n: 1 })], position(5));
      await expect(build.commit([put('a', { n: 2 })], position(4))).rejects.toThrow(CheckpointRegressed);
      expect(await build.collection('tags').get('a')).toEqual({ n: 1 });
    });

    it('puts a build in the place of the active lane; who has that in hand reads the new one', async () => {
      const spec = newSpec();
      const active = await store().active(spec);
      const held = active.collection('tags');
      await active.commit([put('a', { n: 1, name: 'x' }), put('gone', {})], position(3));
      const build = await store().build(spec);
      await build.commit([put('a', { n: 2, name: 'x' })], position(8));
      await store().activate(spec, build.build);
      for (const lane of [active, await store().active(spec)]) {
        expect(await lane.checkpoint()).toBe(position(8));
        expect(await lane.collection('tags').getMany(['a', 'gone'])).toEqual([{ n: 2, name: 'x' }, undefined]);
      }
      expect((await held.find({ index: 'byName', equals: ['x'], limit: 9 })).documents).toEqual([{ n: 2, name: 'x' }]);
      await active.commit([put('b', { n: 9 })], position(9));
      expect(await held.get('b')).toEqual({ n: 9 });
      expect(await lanesOf(spec)).toEqual([{ version: 1, active: true, checkpoint: position(9) }]);
    });

    it('keeps an activated build over a restart', async () => {
      const spec = newSpec();
      await (await store().active(spec)).commit([put('a', { n: 1 })], position(3));
      const build = await store().build(spec);
      await build.commit([put('a', { n: 2 })], position(8));
      await store().activate(spec, build.build);
      const lane = await (await reopen()).active(spec);
      expect(await lane.checkpoint()).toBe(position(8));
      expect(await lane.collection('tags').get('a')).toEqual({ n: 2 });
    });

    it(`makes a build of the next version active; the older one is ${otherVersions}`, async () => {
      const old = newSpec(1);
      const next = newSpec(2, old.projection);
      await (await store().active(old)).commit([put('a', { n: 1 })], position(3));
      expect(await store().hasActive(next)).toBe(false);
      const build = await store().build(next);
      await build.commit([put('a', { n: 2 })], position(4));
      expect(await store().hasActive(next)).toBe(false);
      await store().activate(next, build.build);
      expect(await store().hasActive(next)).toBe(true);
      const isKept = otherVersions === 'kept';
      expect(await store().hasActive(old)).toBe(isKept);
      expect(await lanesOf(next)).toEqual([
        ...(isKept ? [{ version: 1, active: true, checkpoint: position(3) }] : []),
        { version: 2, active: true, checkpoint: position(4) },
      ]);
      if (isKept) expect(await (await store().active(old)).collection('tags').get('a')).toEqual({ n: 1 });
    });

    it('serves the active lane while a build is fed', async () => {
      const spec = newSpec();
      const active = await store().active(spec);
      const build = await store().build(spec);
      const feed = async (lane: typeof active, commits: number): Promise<void> => {
        for (let n = 1; n <= commits; n++) await lane.commit([put(`tag-${n}`, { n })], position(n));
      };
      await Promise.all([feed(active, 30), feed(build, 60)]);
      expect(await active.collection('tags').get('tag-31')).toBeUndefined();
      await store().activate(spec, build.build);
      expect(await active.collection('tags').get('tag-60')).toEqual({ n: 60 });
    });

    it('drops the builds that never became active, and nothing else', async () => {
      const [spec, other] = [newSpec(), newSpec()];
      await (await store().active(spec)).commit([put('a', { n: 1 })], position(3));
      const [first, second, kept] = [await store().build(spec), await store().build(spec), await store().build(other)];
      await first.commit([put('a', { n: 2 })], position(1));
      await kept.commit([put('a', { n: 4 })], position(2));
      await store().discardBuilds(spec.projection);
      expect(await lanesOf(spec)).toEqual([{ version: 1, active: true, checkpoint: position(3) }]);
      await expect(store().activate(spec, first.build)).rejects.toThrow();
      await expect(store().activate(spec, second.build)).rejects.toThrow();
      await store().activate(other, kept.build);
      expect(await (await store().active(other)).collection('tags').get('a')).toEqual({ n: 4 });
      expect(await (await store().active(spec)).collection('tags').get('a')).toEqual({ n: 1 });
    });

    it('can begin anew after a restart that interrupted it', async () => {
      const spec = newSpec();
      await (await store().active(spec)).commit([put('a', { n: 1 })], position(3));
      await (await store().build(spec)).commit([put('a', { n: 2 })], position(2));
      const reopened = await reopen();
      expect(await (await reopened.active(spec)).collection('tags').get('a')).toEqual({ n: 1 });
      await reopened.discardBuilds(spec.projection);
      expect(await lanesOf(spec, reopened)).toEqual([{ version: 1, active: true, checkpoint: position(3) }]);
      const build = await reopened.build(spec);
      expect(await build.checkpoint()).toBe(START);
    });
  });
}
