import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { IndexValue } from '../../../ports/documentStore.js';
import { compareText } from '../../sqlite/text.js';
import { compareQueryValues, queryValue } from '../indexValue.js';
import { above, indexKey, indexKeys, leading } from './indexKeys.js';

const low = [
  '',
  '\0',
  '\u0001',
  '\u0002',
  '\u0003',
  '\0\0',
  '\u00020',
  'a',
  'a\0',
  'a\u0001',
  '\uffff',
  '\u{1f6a2}',
  'ä',
];
const text = fc.oneof(fc.constantFrom(...low), fc.string({ unit: 'binary' }));
const edges = [0, -0, 1, -1, 0.5, -0.5, 5e-324, -5e-324, 1e21, -1e21, Number.MAX_VALUE, -Number.MAX_VALUE];
const value: fc.Arbitrary<IndexValue> = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(...edges),
  fc.boolean(),
  fc.constant(null),
);

type Row = { readonly a: IndexValue; readonly b: IndexValue; readonly key: string };
const row: fc.Arbitrary<Row> = fc.record({ a: value, b: value, key: text });

const place = ({ a, b, key }: Row): string => indexKey(['a', 'b'], key, { a, b }) ?? '';

const compareValues = (one: IndexValue, other: IndexValue): number => {
  const [first, second] = [queryValue(one), queryValue(other)];
  return typeof first === 'string' && typeof second === 'string'
    ? compareText(first, second)
    : compareQueryValues(first, second);
};
const compareRows = (one: Row, other: Row): number =>
  compareValues(one.a, other.a) || compareValues(one.b, other.b) || compareText(one.key, other.key);

describe('places in an index', () => {
  it('sort as text like the values, then the keys', () => {
    fc.assert(
      fc.property(row, row, (one, other) => {
        expect(Math.sign(compareText(place(one), place(other)))).toBe(Math.sign(compareRows(one, other)));
      }),
      { numRuns: 3_000 },
    );
  });

  it('lie between the prefix of their leading values and what is above it, and no others do', () => {
    const lies = (at: string, prefix: string): boolean =>
      compareText(at, prefix) >= 0 && compareText(at, above(prefix)) < 0;
    fc.assert(
      fc.property(row, value, value, (one, a, b) => {
        expect(lies(place(one), leading([]))).toBe(true);
        expect(lies(place(one), leading([a]))).toBe(compareValues(one.a, a) === 0);
        expect(lies(place(one), leading([one.a, b]))).toBe(compareValues(one.b, b) === 0);
        expect(lies(place(one), leading([one.a, one.b]))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are cut by the encoding of a bound exactly there', () => {
    fc.assert(
      fc.property(row, value, (one, bound) => {
        const isFrom = compareText(place(one), leading([bound])) >= 0;
        expect(isFrom).toBe(compareValues(one.a, bound) >= 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it('hold no NUL, whatever the values and keys do', () => {
    fc.assert(fc.property(row, (one) => !place(one).includes('\0')));
  });

  it('are lacking where a field is: undefined, an object, a list, or inherited', () => {
    const spec = { name: 'tags', indexes: { byName: ['name'], bySize: ['size', 'name'], byOwn: ['constructor'] } };
    expect(indexKeys(spec, 'k', { name: 'x' })).toEqual({ byName: 'tx\u0001k' });
    expect(indexKeys(spec, 'k', { name: {}, size: [] })).toEqual({});
    expect(indexKeys(spec, 'k', { name: null, size: true })).toEqual({
      byName: 'n000fffffffffffffk',
      bySize: 'nbff0000000000000n000fffffffffffffk',
    });
  });
});
