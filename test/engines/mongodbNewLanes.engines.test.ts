import { describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { newSpec } from '../../src/adapters/documents/contract.js';
import { activeId } from '../../src/adapters/documents/mongodb/records.js';
import type { DocumentStore, LaneSpec } from '../../src/ports/documentStore.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { intercepted } from './mongoCalls.js';
import { mongoLanes, newClock } from './mongoLanes.js';

const lanes = await mongoLanes();

const isActive = (record: unknown, { projection, version }: LaneSpec): boolean =>
  typeof record === 'object' && record !== null && '_id' in record && record._id === activeId({ projection, version });

if (lanes) {
  const { client, open, collectionsOf, recordsOf } = lanes;

  describe('lanes that are made', () => {
    it('are left without a build of his by who came second, also while he shows that he lives', async () => {
      const [spec, another] = [newSpec(), newSpec()];
      const first = await open();
      const clock = newClock();
      const second: DocumentStore = await open({
        clock,
        client: intercepted(client, async ({ collection, method, parameters: [record], proceed }) => {
          if (collection === 'lanes' && method === 'insertOne' && isActive(record, spec)) {
            await first.active(spec);
            clock.pass(1);
            await second.active(another);
          }
          return proceed();
        }),
      });
      await second.active(spec);
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['active']);
      expect(await collectionsOf(spec)).toHaveLength(2);
    });

    it.each([
      ['its first collection is there', 'createIndexes', false],
      ['all of it is there', 'insertOne', true],
    ] as const)('are whole though this process discards builds before it builds: %s', async (_, at, isForActive) => {
      const spec = newSpec();
      let discards = 1;
      const store: DocumentStore = await open({
        client: intercepted(client, async ({ method, parameters: [record], proceed }) => {
          const result = isForActive ? undefined : await proceed();
          if (method === at && isActive(record, spec) === isForActive && discards-- > 0) {
            await store.discardBuilds(spec.projection);
          }
          return isForActive ? proceed() : result;
        }),
      });
      await store.active(spec);
      expect(discards).toBeLessThan(1);
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['active']);
      expect(await collectionsOf(spec)).toHaveLength(2);
      await expect((await open()).active(spec)).resolves.toBeDefined();
    });

    it('leave nothing of an attempt that failed, and nothing that its process keeps alive', async () => {
      const spec = newSpec();
      const away = (): Promise<never> => Promise.reject(new StoreUnavailable('away for a moment'));
      let failing: 'createIndexes' | 'insertOne' | 'nothing' = 'createIndexes';
      const store = await open({
        client: intercepted(client, ({ collection, method, parameters: [record], proceed }) => {
          const isLast = collection.endsWith(`.${spec.collections.at(-1)?.name}`);
          if (method === 'createIndexes' && failing === method && isLast) return away();
          if (method === 'insertOne' && failing === method && isActive(record, spec)) return away();
          return proceed();
        }),
      });
      await expect(store.active(spec)).rejects.toThrow('away for a moment');
      expect([await recordsOf(spec), await collectionsOf(spec)]).toEqual([[], []]);
      failing = 'insertOne';
      await expect(store.active(spec)).rejects.toThrow('away for a moment');
      expect(await recordsOf(spec)).toEqual([]);
      failing = 'nothing';
      await store.active(spec);
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['active']);
    });

    it('leave what could not be taken away to others, as soon as the process has ended', async () => {
      const spec = newSpec();
      let isAway = true;
      const store = await open({
        client: intercepted(client, ({ collection, method, proceed }) => {
          const fails = isAway && (method === 'createIndexes' || (collection === 'lanes' && method === 'deleteOne'));
          return fails ? Promise.reject(new StoreUnavailable('away')) : proceed();
        }),
      });
      await expect(store.active(spec)).rejects.toThrow('away');
      expect((await recordsOf(spec)).map(({ kind }) => kind)).toEqual(['build']);
      isAway = false;
      await store.close();
      await (await open()).discardBuilds(spec.projection);
      expect(await recordsOf(spec)).toEqual([]);
    });
  });
} else {
  it.skip('new lanes on MongoDB: there is no server', () => undefined);
}
