import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { position } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import {
  BY_KEY,
  type Collection,
  type DocumentStore,
  type DocumentWrite,
  type IndexQuery,
  type LaneSpec,
} from '../../ports/documentStore.js';
import { InvalidCursor, UnknownIndex } from '../../ports/errors.js';
import { storePerTest, type Opened } from '../contractFixture.js';
import { laneContract } from './laneContract.js';

/** A projection that no other test knows, so that suites can share an engine. */
export const newSpec = (version = 1, projection = `sample-${randomUUID().slice(0, 8)}`): LaneSpec => ({
  projection,
  version,
  collections: [
    { name: 'tags', indexes: { byTime: ['repository', 'at'], byName: ['name'], bySize: ['size', 'at'] } },
    { name: 'repositories', indexes: {} },
  ],
});

export const put = (key: string, document: JsonObject, collection = 'tags'): DocumentWrite => ({
  collection,
  key,
  document,
});
export const remove = (key: string, collection = 'tags'): DocumentWrite => ({ collection, key, document: undefined });

type Tag = { readonly repository: string; readonly at: number; readonly name: string };

/**
 * What every document store promises.
 *
 * @param otherVersions what becomes of a projection's older lane when a build of the next version is activated: where
 *   several programs share the store, those of the older version go on reading it
 */
export function documentStoreContract(
  open: () => Promise<Opened<DocumentStore>>,
  otherVersions: 'replaced' | 'kept' = 'replaced',
): void {
  const { store } = storePerTest(open);

  /** The tags of a fresh active lane that holds these documents. */
  async function tags(writes: readonly DocumentWrite[]): Promise<Collection<JsonObject>> {
    const lane = await store().active(newSpec());
    await lane.commit(writes, position(1));
    return lane.collection('tags');
  }

  describe('documents', () => {
    it('are read back as they were written', async () => {
      const document = { text: 'Grüße 🚢 "\\', nested: { list: [1, -0.5, 1e21, null, [], {}] }, at: null, size: true };
      const collection = await tags([put('a/ä/🚢', document)]);
      expect(await collection.get('a/ä/🚢')).toEqual(document);
      expect(await collection.get('a')).toBeUndefined();
    });

    it('are replaced and deleted by later writes, also within one commit', async () => {
      const lane = await store().active(newSpec());
      const collection = lane.collection('tags');
      await lane.commit(
        [put('a', { n: 1 }), put('b', { n: 1 }), put('a', { n: 2 }), remove('b'), remove('c')],
        position(1),
      );
      expect(await collection.getMany(['a', 'b', 'c'])).toEqual([{ n: 2 }, undefined, undefined]);
      await lane.commit([remove('a'), put('a', { n: 3 }), remove('a'), put('b', { n: 4 })], position(2));
      expect(await collection.getMany(['a', 'b'])).toEqual([undefined, { n: 4 }]);
    });

    it('of different collections do not meet', async () => {
      const lane = await store().active(newSpec());
      await lane.commit([put('a', { n: 1 }), put('a', { n: 2 }, 'repositories')], position(1));
      await lane.commit([remove('a')], position(2));
      expect(await lane.collection('repositories').get('a')).toEqual({ n: 2 });
    });

    it('come in the order of the keys that were asked for, a thousand at once', async () => {
      const keys = Array.from({ length: 1000 }, (_, index) => `tag-${(index * 7919) % 1000}`);
      const collection = await tags(keys.map((key) => put(key, { key })));
      expect(await collection.getMany(keys)).toEqual(keys.map((key) => ({ key })));
      expect(await collection.getMany(['missing', 'tag-1', 'missing', 'tag-1'])).toEqual([
        undefined,
        { key: 'tag-1' },
        undefined,
        { key: 'tag-1' },
      ]);
      expect(await collection.getMany([])).toEqual([]);
    });

    it('can be gone through in key order', async () => {
      const keys = Array.from({ length: 700 }, (_, index) => `tag-${String(index).padStart(4, '0')}`);
      const collection = await tags(keys.toReversed().map((key) => put(key, { key })));
      const seen = [];
      for await (const { key, document } of collection.scan()) seen.push([key, document['key']]);
      expect(seen).toEqual(keys.map((key) => [key, key]));
    });
  });

  describe('finding', () => {
    const tag = (repository: string, at: number, name = `${repository}${at}`): DocumentWrite =>
      put(`${repository}/${at}`, { repository, at, name } satisfies Tag);
    const names = async (collection: Collection<JsonObject>, query: IndexQuery): Promise<readonly unknown[]> =>
      (await collection.find(query)).documents.map((document) => document['name']);
    const byTime = { index: 'byTime', limit: 10 } as const;

    it('goes by the leading fields of an index, in its order', async () => {
      const collection = await tags([tag('b', 2), tag('a', 3), tag('a', 1), tag('a', 20), tag('a', -5)]);
      expect(await names(collection, { ...byTime, equals: ['a'] })).toEqual(['a-5', 'a1', 'a3', 'a20']);
      expect(await names(collection, { ...byTime, equals: ['a'], order: 'descending' })).toEqual([
        'a20',
        'a3',
        'a1',
        'a-5',
      ]);
      expect(await names(collection, { ...byTime, equals: [] })).toEqual(['a-5', 'a1', 'a3', 'a20', 'b2']);
      expect(await names(collection, { ...byTime, equals: ['a', 3] })).toEqual(['a3']);
      expect(await names(collection, { ...byTime, equals: ['c'] })).toEqual([]);
    });

    it('takes a range of the next field, from inclusive and below exclusive', async () => {
      const collection = await tags([1, 2, 3, 4, 5].map((at) => tag('a', at)));
      expect(await names(collection, { ...byTime, equals: ['a'], from: 2, below: 4 })).toEqual(['a2', 'a3']);
      expect(await names(collection, { ...byTime, equals: ['a'], from: 4 })).toEqual(['a4', 'a5']);
      const before = { ...byTime, equals: ['a'], below: 3, order: 'descending' } as const;
      expect(await names(collection, before)).toEqual(['a2', 'a1']);
      expect(await names(collection, { index: 'byName', equals: [], from: 'a2', below: 'a4', limit: 9 })).toEqual([
        'a2',
        'a3',
      ]);
    });

    it('orders null, then booleans and numbers, then text by code point, then by key', async () => {
      const values = [null, false, true, 2, 10, 1e21, '', '10', '2', 'A', 'a', 'ä', '\uffff', '\u{1f6a2}'];
      const written = values.map((size, index) => put(`${9999 - index}`, { size, at: 0, name: index }));
      const collection = await tags([...written, put('z', { size: 'a', at: 0, name: 'last' })]);
      const expected: (number | string)[] = values.map((_, index) => index);
      expected.splice(11, 0, 'last');
      expect(await names(collection, { index: 'bySize', equals: [], limit: 99 })).toEqual(expected);
      const reversed = { index: 'bySize', equals: [], limit: 99, order: 'descending' } as const;
      expect(await names(collection, reversed)).toEqual(expected.toReversed());
      expect(await names(collection, { index: 'bySize', equals: [null], limit: 9 })).toEqual([0]);
      expect(await names(collection, { index: 'bySize', equals: ['2'], limit: 9 })).toEqual([8]);
      expect(await names(collection, { index: 'bySize', equals: [], from: null, below: 0, limit: 9 })).toEqual([0]);
    });

    it('leaves out documents that lack a field of the index', async () => {
      const collection = await tags([
        put('1', { size: 1, name: 'no time' }),
        put('2', { size: 2, at: null, name: 'time is null' }),
        put('3', { at: 3, name: 'no size' }),
      ]);
      expect(await names(collection, { index: 'bySize', equals: [], limit: 9 })).toEqual(['time is null']);
      expect(await names(collection, { index: 'bySize', equals: [1], limit: 9 })).toEqual([]);
    });

    it('follows what is written: moved, left and deleted documents are found where they are', async () => {
      const lane = await store().active(newSpec());
      const collection = lane.collection('tags');
      await lane.commit([tag('a', 1), tag('a', 2), tag('a', 3)], position(1));
      await lane.commit([put('a/1', { repository: 'b', at: 1, name: 'moved' }), remove('a/3')], position(2));
      await lane.commit([put('a/2', { repository: 'a', name: 'left' })], position(3));
      expect(await names(collection, { ...byTime, equals: ['a'] })).toEqual([]);
      expect(await names(collection, { ...byTime, equals: ['b'] })).toEqual(['moved']);
      await lane.commit([put('a/2', { repository: 'a', at: 9, name: 'back' })], position(4));
      await lane.commit([put('a/2', { repository: 'a', at: 9, name: 'back again' })], position(5));
      expect(await names(collection, { ...byTime, equals: ['a'] })).toEqual(['back again']);
    });

    it.each(['ascending', 'descending'] as const)('pages through %s results with a cursor', async (order) => {
      const times = Array.from({ length: 23 }, (_, index) => index % 5);
      const collection = await tags(
        times.map((at, index) =>
          put(`${index}`.padStart(3, '0'), { repository: 'a', at: at === 4 ? null : at, name: index }),
        ),
      );
      const all = await names(collection, { ...byTime, equals: ['a'], order, limit: 99 });
      expect(all).toHaveLength(23);
      const paged: unknown[] = [];
      let cursor: string | undefined;
      do {
        const query: IndexQuery = { index: 'byTime', equals: ['a'], order, limit: 4, ...(cursor ? { cursor } : {}) };
        const page = await collection.find(query);
        expect(page.documents.length).toBe(cursor === undefined || page.cursor !== undefined ? 4 : 3);
        paged.push(...page.documents.map((document) => document['name']));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(paged).toEqual(all);
    });

    it('passes over what it is told to, and goes on from there', async () => {
      const collection = await tags([1, 2, 3, 4, 5].map((at) => tag('a', at)));
      expect(await names(collection, { ...byTime, equals: ['a'], skip: 2, limit: 2 })).toEqual(['a3', 'a4']);
      expect(await names(collection, { ...byTime, equals: ['a'], skip: 3, order: 'descending' })).toEqual(['a2', 'a1']);
      expect(await names(collection, { ...byTime, equals: ['a'], from: 2, skip: 1, limit: 1 })).toEqual(['a3']);
      expect(await names(collection, { index: BY_KEY, equals: [], skip: 4, limit: 2 })).toEqual(['a5']);
      expect(await names(collection, { ...byTime, equals: ['a'], skip: 5 })).toEqual([]);
      const { cursor = '' } = await collection.find({ ...byTime, equals: ['a'], skip: 1, limit: 1 });
      expect(await names(collection, { ...byTime, equals: ['a'], cursor })).toEqual(['a3', 'a4', 'a5']);
      expect(await names(collection, { ...byTime, equals: ['a'], cursor, skip: 2 })).toEqual(['a5']);
      expect((await collection.find({ ...byTime, equals: ['a'], skip: 4, limit: 1 })).cursor).toBeUndefined();
    });

    it('gives a cursor if and only if there is more', async () => {
      const collection = await tags([tag('a', 1), tag('a', 2), tag('b', 3)]);
      expect((await collection.find({ ...byTime, equals: ['a'], limit: 2 })).cursor).toBeUndefined();
      expect((await collection.find({ ...byTime, equals: ['a'], limit: 1 })).cursor).toBeDefined();
      expect((await collection.find({ ...byTime, equals: ['c'], limit: 1 })).cursor).toBeUndefined();
      const { cursor = '' } = await collection.find({ ...byTime, equals: [], below: 'b', limit: 2 });
      expect(cursor).toBe('');
    });

    it('goes on from a cursor although documents came and went, and within a range', async () => {
      const lane = await store().active(newSpec());
      const collection = lane.collection('tags');
      await lane.commit(
        [1, 2, 3, 4, 5, 6].map((at) => tag('a', at)),
        position(1),
      );
      const { cursor = '' } = await collection.find({ ...byTime, equals: ['a'], from: 2, limit: 2 });
      await lane.commit([remove('a/3'), tag('a', 2.5), tag('a', 3.5)], position(2));
      expect(await names(collection, { ...byTime, equals: ['a'], cursor, below: 6 })).toEqual(['a3.5', 'a4', 'a5']);
      expect(await names(collection, { ...byTime, equals: ['a'], cursor, from: 5 })).toEqual(['a5', 'a6']);
      const back = await collection.find({ ...byTime, equals: ['a'], order: 'descending', limit: 2 });
      const earlier = { ...byTime, equals: ['a'], order: 'descending', cursor: back.cursor ?? '' } as const;
      expect(await names(collection, { ...earlier, from: 3 })).toEqual(['a4', 'a3.5']);
      expect(await names(collection, { ...earlier, below: 3 })).toEqual(['a2.5', 'a2', 'a1']);
    });

    it('refuses a cursor of another query, and what is no cursor', async () => {
      const collection = await tags([1, 2, 3].flatMap((at) => [tag('a', at), tag('b', at)]));
      const { cursor = '' } = await collection.find({ ...byTime, equals: ['a'], limit: 1 });
      const others: IndexQuery[] = [
        { ...byTime, equals: ['b'], cursor },
        { ...byTime, equals: ['a'], order: 'descending', cursor },
        { index: 'byName', equals: ['a'], limit: 1, cursor },
        { ...byTime, equals: ['a'], cursor: 'bm9uc2Vuc2U' },
        { ...byTime, equals: ['a'], cursor: '' },
        { ...byTime, equals: ['a'], cursor: cursor.slice(0, -4) },
      ];
      for (const query of others) await expect(collection.find(query)).rejects.toThrow(InvalidCursor);
    });

    it.each([
      ['more values than the index has fields', { ...byTime, equals: ['a', 1, 2] }],
      ['a range where no field is left', { ...byTime, equals: ['a', 1], from: 3 }],
      ['a page of nothing', { ...byTime, equals: ['a'], limit: 0 }],
      ['passing over less than nothing', { ...byTime, equals: ['a'], skip: -1 }],
      ['passing over a part', { ...byTime, equals: ['a'], skip: 0.5 }],
      ['a page of everything', { ...byTime, equals: ['a'], limit: Infinity }],
    ])('refuses %s', async (_, query) => {
      const collection = await tags([]);
      await expect(collection.find(query)).rejects.toThrow(RangeError);
    });

    it('goes by key without a declared index: bounded, paged, both ways', async () => {
      const collection = await tags(['a', 'b/1', 'b/2', 'b/3', 'c'].map((key) => put(key, { key })));
      const keys = async (query: Partial<IndexQuery>): Promise<unknown[]> => {
        const found: unknown[] = [];
        let cursor: string | undefined;
        do {
          const page = await collection.find({
            index: BY_KEY,
            equals: [],
            limit: 2,
            ...query,
            ...(cursor ? { cursor } : {}),
          });
          found.push(...page.documents.map((document) => document['key']));
          cursor = page.cursor;
        } while (cursor !== undefined);
        return found;
      };
      expect(await keys({})).toEqual(['a', 'b/1', 'b/2', 'b/3', 'c']);
      expect(await keys({ from: 'b/', below: 'b0' })).toEqual(['b/1', 'b/2', 'b/3']);
      expect(await keys({ from: 'b/2', order: 'descending' })).toEqual(['c', 'b/3', 'b/2']);
      await expect(keys({ equals: ['a'] })).rejects.toThrow(RangeError);
    });

    it('refuses an index that is not declared', async () => {
      const collection = await tags([]);
      await expect(collection.find({ index: 'byColour', equals: [], limit: 1 })).rejects.toThrow(UnknownIndex);
    });
  });

  laneContract(open, otherVersions);
}
