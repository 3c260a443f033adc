import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { VersionConflict } from '../../ports/errors.js';
import type { OperationalStore } from '../../ports/operationalStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

/** What an operational store promises that several processes use at once, each by one of these stores. */
export function sharedOperationalStoreContract(open: () => Promise<Opened<readonly OperationalStore[]>>): void {
  const { store: stores } = storePerTest(open);
  const key = 'a';

  /** Every store writes so often at once. @returns who was not refused */
  async function race(
    times: number,
    write: (store: OperationalStore, n: number) => Promise<void>,
  ): Promise<readonly number[]> {
    const writers = Array.from({ length: times }, (_, n) => {
      const store = stores()[n % stores().length];
      if (!store) throw new Error('there is no store');
      return write(store, n);
    });
    const results = await Promise.allSettled(writers);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(VersionConflict);
    return results.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
  }

  describe('processes that write at once', () => {
    it('see what another one wrote as soon as that was answered', async () => {
      const collection = randomUUID();
      for (let n = 0; n < 20; n++) {
        const [writer, reader] = [stores()[n % 2], stores()[(n + 1) % 2]];
        await writer?.write([{ kind: 'put', collection, key, value: { n }, expected: n }]);
        expect(await reader?.get(collection, key)).toMatchObject({ version: n + 1, value: { n } });
        expect(await reader?.list(collection, { limit: 2 })).toMatchObject([{ version: n + 1, value: { n } }]);
      }
    });

    it('win one at a time: at each version exactly one of fifty', async () => {
      const collection = randomUUID();
      for (let expected = 0; expected < 4; expected++) {
        const won = await race(50, (store, n) =>
          store.write([{ kind: 'put', collection, key, value: { n }, expected }]),
        );
        expect(won).toHaveLength(1);
        expect(await stores()[0]?.get(collection, key)).toMatchObject({ version: expected + 1, value: { n: won[0] } });
      }
      const won = await race(50, (store) => store.write([{ kind: 'delete', collection, key, expected: 4 }]));
      expect(won).toHaveLength(1);
    });

    it('lose no write and no version of those that expect nothing', async () => {
      const collection = randomUUID();
      const won = await race(50, (store, n) =>
        store.write([
          { kind: 'put', collection, key, value: { n } },
          { kind: 'put', collection, key: `own ${n}`, value: { n } },
        ]),
      );
      expect(won).toHaveLength(50);
      expect(await stores()[0]?.get(collection, key)).toMatchObject({ version: 50 });
      expect(await stores()[1]?.list(collection, { prefix: 'own ', limit: 100 })).toHaveLength(50);
    });

    it('can count together', async () => {
      const collection = randomUUID();
      const increment = async (store: OperationalStore): Promise<void> => {
        for (;;) {
          const record = await store.get<{ n: number }>(collection, key);
          const value = { n: (record?.value.n ?? 0) + 1 };
          try {
            await store.write([{ kind: 'put', collection, key, value, expected: record?.version ?? 0 }]);
            return;
          } catch (error) {
            if (!(error instanceof VersionConflict)) throw error;
          }
        }
      };
      await race(20, increment);
      expect(await stores()[0]?.get(collection, key)).toMatchObject({ version: 20, value: { n: 20 } });
    });
  });
}
