import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../domain/shared/json.js';
import { timestamp } from '../../domain/shared/time.js';
import { VersionConflict } from '../../ports/errors.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import { storePerTest, type Opened } from '../contractFixture.js';

/** A collection that no other test knows, so that suites can share an engine. */
const newCollection = (): string => `sample-${randomUUID()}`;

const put = (collection: string, key: string, value: JsonObject, expected?: number): OperationalWrite =>
  expected === undefined ? { kind: 'put', collection, key, value } : { kind: 'put', collection, key, value, expected };

const remove = (collection: string, key: string, expected?: number): OperationalWrite =>
  expected === undefined ? { kind: 'delete', collection, key } : { kind: 'delete', collection, key, expected };

const keysOf = (records: readonly OperationalRecord[]): readonly string[] => records.map(({ key }) => key);

/** What every operational store promises. */
export function operationalStoreContract(open: () => Promise<Opened<OperationalStore>>): void {
  describe('records', () => {
    const { store, reopen } = storePerTest(open);

    it('are unknown until they are written', async () => {
      const collection = newCollection();
      expect(await store().get(collection, 'a')).toBeUndefined();
      await store().write([put(newCollection(), 'a', { elsewhere: true })]);
      expect(await store().get(collection, 'a')).toBeUndefined();
    });

    it('are read back as they were written, at version 1', async () => {
      const collection = newCollection();
      const value = { text: 'Grüße 🚢 "\\', nested: { list: [1, -0.5, null, []] }, flag: false };
      await store().write([put(collection, 'a', value)]);
      expect(await store().get(collection, 'a')).toEqual({ key: 'a', version: 1, value, due: null });
    });

    it('rise by one version with every write, whatever it expected', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'a', { n: 1 })]);
      await store().write([put(collection, 'a', { n: 2 }, 1)]);
      await store().write([put(collection, 'a', { n: 3 })]);
      expect(await store().get(collection, 'a')).toMatchObject({ version: 3, value: { n: 3 } });
    });

    it('may have any text as members and values', async () => {
      const collection = newCollection();
      const names = [
        'a.b',
        '$set',
        '.',
        '',
        '%',
        'NUL \0',
        '__proto__',
        'constructor',
        '_id',
        '_bsontype',
        'half \ud83d',
      ];
      const value = Object.fromEntries(names.map((name) => [name, { [name]: [name, [[{ $inc: name }]]] }]));
      const keys = ['a.b', '$set', 'NUL \0', '🚢'];
      await store().write(keys.map((key) => put(collection, key, value)));
      for (const key of keys) expect(await store().get(collection, key)).toEqual({ key, version: 1, value, due: null });
    });

    it('are replaced as a whole', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'a', { old: 1, both: { x: 1 } })]);
      await store().write([put(collection, 'a', { new: 1, both: { y: 1 } }, 1)]);
      expect((await store().get(collection, 'a'))?.value).toEqual({ new: 1, both: { y: 1 } });
    });

    it('are written in order, however many there are and whatever they are', async () => {
      const [collection, other] = [newCollection(), newCollection()];
      const many = Array.from({ length: 1_203 }, (_, n) => put(collection, `key ${n % 1_200}`, { n }));
      await store().write([...many, put(other, 'a', {}, 0), remove(collection, 'key 7'), put(collection, 'key 8', {})]);
      const kept = await store().getMany(
        collection,
        many.map(({ key }) => key),
      );
      expect(kept.filter((record) => record === undefined)).toHaveLength(1);
      expect(kept.slice(0, 3).map((record) => [record?.version, record?.value])).toEqual([
        [2, { n: 1_200 }],
        [2, { n: 1_201 }],
        [2, { n: 1_202 }],
      ]);
      expect(kept[7]).toBeUndefined();
      expect(kept[8]).toMatchObject({ version: 2, value: {} });
      expect(await store().get(other, 'a')).toMatchObject({ version: 1 });
    });

    it('can be deleted, also when they are not there', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'a', {}), put(collection, 'b', {})]);
      await store().write([remove(collection, 'a'), remove(collection, 'b', 1), remove(collection, 'c')]);
      expect(await store().list(collection, { limit: 10 })).toEqual([]);
    });

    it('are given in the order of the keys that were asked for', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'a', { n: 1 }), put(collection, 'b', { n: 2 })]);
      const records = await store().getMany(collection, ['b', 'missing', 'a', 'b']);
      expect(records.map((record) => record?.value)).toEqual([{ n: 2 }, undefined, { n: 1 }, { n: 2 }]);
      expect(await store().getMany(collection, [])).toEqual([]);
    });

    it('are still there after a restart', async () => {
      const collection = newCollection();
      const due = timestamp(1_000);
      await store().write([put(collection, 'a', { n: 1 })]);
      await store().write([{ kind: 'put', collection, key: 'a', value: { n: 2 }, due, expected: 1 }]);
      expect(await (await reopen()).get(collection, 'a')).toEqual({ key: 'a', version: 2, value: { n: 2 }, due });
    });

    it('writes nothing when there is nothing to write', async () => {
      await expect(store().write([])).resolves.toBeUndefined();
    });
  });

  describe('compare-and-set', () => {
    const { store } = storePerTest(open);

    it.each([
      ['a put that expects no record', put('', 'a', {}, 0)],
      ['a put that expects an older version', put('', 'a', {}, 1)],
      ['a put that expects a version to come', put('', 'a', {}, 3)],
      ['a put that expects a version of a record that is not there', put('', 'b', {}, 1)],
      ['a delete that expects no record', remove('', 'a', 0)],
      ['a delete that expects an older version', remove('', 'a', 1)],
      ['a delete that expects a version of a record that is not there', remove('', 'b', 1)],
    ])('refuses %s and names the record', async (_, write) => {
      const collection = newCollection();
      await store().write([put(collection, 'a', { n: 1 })]);
      await store().write([put(collection, 'a', { n: 2 })]);
      const refused = store().write([{ ...write, collection }]);
      await expect(refused).rejects.toThrow(VersionConflict);
      await expect(refused).rejects.toMatchObject({ collection, key: write.key });
      expect(await store().list(collection, { limit: 10 })).toMatchObject([{ key: 'a', version: 2, value: { n: 2 } }]);
    });

    it('lets a delete pass that expects no record where there is none', async () => {
      await expect(store().write([remove(newCollection(), 'a', 0)])).resolves.toBeUndefined();
    });

    it('lets exactly one of fifty concurrent writers change a record, or delete it', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'a', {}), put(collection, 'b', {})]);
      const wonBy = async (write: (n: number) => OperationalWrite): Promise<readonly number[]> => {
        const results = await Promise.allSettled(Array.from({ length: 50 }, (_, n) => store().write([write(n)])));
        return results.flatMap(({ status }, n) => (status === 'fulfilled' ? [n] : []));
      };
      const changed = await wonBy((n) => put(collection, 'a', { n }, 1));
      expect(changed).toHaveLength(1);
      expect(await store().get(collection, 'a')).toMatchObject({ version: 2, value: { n: changed[0] } });
      expect(await wonBy(() => remove(collection, 'b', 1))).toHaveLength(1);
      expect(await store().get(collection, 'b')).toBeUndefined();
    });

    it('counts every write that expected nothing', async () => {
      const collection = newCollection();
      await Promise.all(Array.from({ length: 50 }, (_, n) => store().write([put(collection, 'a', { n })])));
      expect(await store().get(collection, 'a')).toMatchObject({ version: 50 });
    });

    it('lets exactly one of fifty concurrent writers create a record', async () => {
      const collection = newCollection();
      const writers = Array.from({ length: 50 }, (_, n) => store().write([put(collection, 'a', { n }, 0)]));
      const results = await Promise.allSettled(writers);
      const winner = results.findIndex(({ status }) => status === 'fulfilled');
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store().get(collection, 'a')).toMatchObject({ version: 1, value: { n: winner } });
    });

    it('loses no increment of concurrent writers that try again', async () => {
      const collection = newCollection();
      const increment = async (): Promise<void> => {
        for (;;) {
          const record = await store().get<{ n: number }>(collection, 'counter');
          try {
            await store().write([put(collection, 'counter', { n: (record?.value.n ?? 0) + 1 }, record?.version ?? 0)]);
            return;
          } catch (error) {
            if (!(error instanceof VersionConflict)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      expect(await store().get(collection, 'counter')).toMatchObject({ version: 20, value: { n: 20 } });
    });

    it('applies the writes of one call in order', async () => {
      const collection = newCollection();
      await store().write([
        put(collection, 'a', { n: 1 }, 0),
        put(collection, 'a', { n: 2 }, 1),
        remove(collection, 'a', 2),
        put(collection, 'a', { n: 3 }, 0),
      ]);
      expect(await store().get(collection, 'a')).toMatchObject({ value: { n: 3 } });
    });

    it('gives no effect to the write that lost and to those after it', async () => {
      const collection = newCollection();
      await store().write([put(collection, 'b', { n: 0 })]);
      const refused = store().write([
        put(collection, 'a', { n: 1 }),
        put(collection, 'b', { n: 1 }, 7),
        put(collection, 'c', { n: 1 }),
      ]);
      await expect(refused).rejects.toMatchObject({ collection, key: 'b' });
      expect(await store().get(collection, 'b')).toMatchObject({ version: 1, value: { n: 0 } });
      expect(await store().get(collection, 'c')).toBeUndefined();
    });
  });

  describe('listing', () => {
    const { store } = storePerTest(open);

    it('goes by key prefix, in key order, in pages', async () => {
      const collection = newCollection();
      const keys = ['org/b', 'org/a', 'org', 'org/ä', 'orh', 'org/a/1', 'organ'];
      await store().write(keys.map((key) => put(collection, key, {})));
      expect(keysOf(await store().list(collection, { limit: 3 }))).toEqual(['org', 'org/a', 'org/a/1']);
      const inOrg = ['org/a', 'org/a/1', 'org/b', 'org/ä'];
      expect(keysOf(await store().list(collection, { prefix: 'org/', limit: 10 }))).toEqual(inOrg);
      const rest = await store().list(collection, { prefix: 'org/', after: 'org/a/1', limit: 10 });
      expect(keysOf(rest)).toEqual(['org/b', 'org/ä']);
      expect(keysOf(await store().list(collection, { prefix: 'org/', after: 'a', limit: 1 }))).toEqual(['org/a']);
      expect(await store().list(collection, { prefix: 'org/', after: 'orh', limit: 10 })).toEqual([]);
      expect(keysOf(await store().list(collection, { after: 'org/ä', limit: 10 }))).toEqual(['organ', 'orh']);
    });

    it('orders by code point', async () => {
      const collection = newCollection();
      const keys = ['z', 'é', 'Ω', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}'];
      await store().write([...keys].reverse().map((key) => put(collection, key, {})));
      expect(keysOf(await store().list(collection, { limit: 10 }))).toEqual(keys);
      expect(keysOf(await store().list(collection, { after: '\uffff', limit: 10 }))).toEqual(['😀', '\u{10ffff}']);
      expect(keysOf(await store().list(collection, { prefix: '\ud7ff', limit: 10 }))).toEqual(['\ud7ff']);
    });

    it('takes the characters of a prefix literally', async () => {
      const collection = newCollection();
      const keys = ['a.c', 'abc', 'a%', 'a_', 'a*', 'A.c'];
      await store().write(keys.map((key) => put(collection, key, {})));
      for (const prefix of ['a.', 'a%', 'a_', 'a*']) {
        expect(await store().list(collection, { prefix, limit: 10 })).toHaveLength(1);
      }
    });
  });

  describe('what is due', () => {
    const { store } = storePerTest(open);
    const at = (second: number) => timestamp(second * 1_000);

    it('comes earliest first, up to the moment asked for, and never what is due at no time', async () => {
      const collection = newCollection();
      const dues = { late: at(30), early: at(10), never: null, exact: at(20), after: at(21) };
      await store().write(
        Object.entries(dues).map(([key, due]) => ({ kind: 'put', collection, key, value: {}, due }) as const),
      );
      const due = await store().due(collection, { until: at(20), limit: 10 });
      expect(due.map((record) => [record.key, record.due])).toEqual([
        ['early', at(10)],
        ['exact', at(20)],
      ]);
      expect(keysOf(await store().due(collection, { until: at(99), limit: 3 }))).toEqual(['early', 'exact', 'after']);
    });

    it('follows the latest write: a put without a due time is due at no time', async () => {
      const collection = newCollection();
      await store().write([{ kind: 'put', collection, key: 'a', value: {}, due: at(10) }]);
      await store().write([{ kind: 'put', collection, key: 'a', value: {}, due: at(50), expected: 1 }]);
      expect(await store().due(collection, { until: at(20), limit: 10 })).toEqual([]);
      await store().write([put(collection, 'a', {})]);
      expect(await store().due(collection, { until: at(99), limit: 10 })).toEqual([]);
    });
  });
}
