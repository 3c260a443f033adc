import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import '../support/patience.js';
import { documentStoreContract, newSpec, put } from '../../src/adapters/documents/contract.js';
import { position } from '../../src/domain/shared/ids.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import { mongoLanes } from './mongoLanes.js';

const lanes = await mongoLanes();

if (lanes) {
  const { open } = lanes;

  describe('read models on MongoDB', () => {
    documentStoreContract(async () => {
      let store = await open();
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await open();
          return store;
        },
        close: () => store.close(),
      };
    }, 'kept');
  });

  describe('finding, compared with a model', () => {
    type Row = { readonly key: string; readonly size: string | number | null; readonly at: string | number | null };
    const value = fc.oneof(
      fc.constantFrom('', '\0', '\u0001', 'a', 'a\0', 'ab', '\uffff', '\u{1f6a2}', 'ä', null),
      fc.integer({ min: -2, max: 2 }),
      fc.constantFrom(-0.5, 1e21, -1e21, 5e-324),
    );
    const key = fc.oneof(
      fc.constantFrom('k', '\0', '\uffff', '\u{1f6a2}'),
      fc.string({ unit: 'binary', minLength: 1 }),
    );
    const rows = fc.uniqueArray(fc.record({ key, size: value, at: value }), {
      selector: (row) => row.key,
      maxLength: 25,
    });
    const rank = (one: Row['size']): number => (one === null ? 0 : typeof one === 'number' ? 1 : 2);
    const compare = (one: Row['size'], other: Row['size']): number =>
      rank(one) - rank(other) ||
      (typeof one === 'number' && typeof other === 'number' ? Math.sign(one - other) : 0) ||
      (typeof one === 'string' && typeof other === 'string' ? Buffer.compare(Buffer.from(one), Buffer.from(other)) : 0);

    it('gives the same documents in the same order, page by page', async () => {
      const store = await open();
      const query = fc.record({
        equal: fc.option(value, { nil: undefined }),
        from: fc.option(value, { nil: undefined }),
        below: fc.option(value, { nil: undefined }),
        order: fc.constantFrom('ascending' as const, 'descending' as const),
        limit: fc.integer({ min: 1, max: 5 }),
      });
      await fc.assert(
        fc.asyncProperty(rows, fc.array(query, { minLength: 3, maxLength: 6 }), async (written, queries) => {
          const lane = await store.active(newSpec());
          const writes = written.map((row) => put(row.key, row));
          await lane.commit(writes, position(1));
          const tags = lane.collection('tags');
          for (const { equal, from, below, order, limit } of queries) {
            const field = equal === undefined ? 'size' : 'at';
            const expected = written
              .filter((row) => equal === undefined || compare(row.size, equal) === 0)
              .filter((row) => from === undefined || compare(row[field], from) >= 0)
              .filter((row) => below === undefined || compare(row[field], below) < 0)
              .sort((a, b) => compare(a.size, b.size) || compare(a.at, b.at) || compare(a.key, b.key))
              .map((row) => row.key);
            const found: unknown[] = [];
            let cursor: string | undefined;
            do {
              const page = await tags.find({
                ...{ index: 'bySize', equals: equal === undefined ? [] : [equal], order, limit },
                ...(from === undefined ? {} : { from }),
                ...(below === undefined ? {} : { below }),
                ...(cursor === undefined ? {} : { cursor }),
              });
              found.push(...page.documents.map((document) => document['key']));
              cursor = page.cursor;
            } while (cursor !== undefined);
            expect(found).toEqual(order === 'ascending' ? expected : expected.toReversed());
          }
        }),
        { numRuns: 25 },
      );
    });

    it('reads documents as they were written, whatever they are called and hold', async () => {
      const store = await open();
      const awkward = ['', '.', '$', '$ref', 'a.b', '%', '\0', '__proto__', 'constructor', '_bsontype', '_id'];
      const document = fc.dictionary(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...awkward)),
        fc
          .jsonValue({ maxDepth: 3, stringUnit: 'binary' })
          .map((json) => JSON.parse(JSON.stringify(json)) as JsonObject),
        { noNullPrototype: true },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(document, { minLength: 10, maxLength: 20 }), async (documents) => {
          const lane = await store.active(newSpec());
          const writes = documents.map((each, n) => put(`${n}`, each));
          await lane.commit(writes, position(1));
          const read = await lane.collection('tags').getMany(documents.map((_, n) => `${n}`));
          expect(read).toEqual(documents);
        }),
        { numRuns: 20 },
      );
    });
  });
} else {
  it.skip('read models on MongoDB: there is no server', () => undefined);
}
