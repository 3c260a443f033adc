import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import type { Json, JsonObject } from '../../../domain/shared/json.js';
import { fromStored, toStored, type StoredObject } from './values.js';

/** As the driver sends and reads it: with an option that names members, in an object that inherits some. */
const throughDriver = (stored: StoredObject): StoredObject =>
  BSON.deserialize(BSON.serialize(stored, { checkKeys: true }), { fieldsAsRaw: {} });

const roundTrip = (document: JsonObject): JsonObject => fromStored(throughDriver(toStored(document)));

/** What engines refuse, or take for something else. */
const awkward = [
  ...['', '.', '$', '$ref', 'a.b', '%', '%[]', '%2e', '\0', '_id', 'a$', '\ud800'],
  ...['__proto__', 'constructor', 'toString', '_bsontype'],
];
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.constantFrom(...awkward));
const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.maxSafeInteger());

const { document } = fc.letrec<{ value: Json; document: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('document'),
  ),
  document: fc.dictionary(text, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));

describe('documents in the form of the engine', () => {
  it('come back as JSON would bring them', () => {
    fc.assert(
      fc.property(document, (given) => {
        expect(JSON.stringify(sorted(roundTrip(given)))).toBe(JSON.stringify(sorted(given)));
      }),
      { numRuns: 500 },
    );
  });

  it.each([[1e21], [-0.5], [2 ** 53], [-(2 ** 40)], [5e-324], [1.7976931348623157e308], [2 ** 31]])(
    'keep the number %d',
    (n) => {
      expect(roundTrip({ n })).toEqual({ n });
    },
  );

  it('keep a member called __proto__ as a member', () => {
    const given = JSON.parse('{"__proto__":{"a":1},"b":[{"__proto__":2}]}') as JsonObject;
    const read = roundTrip(given);
    expect(JSON.stringify(read)).toBe(JSON.stringify(given));
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
  });

  it('leave out what is undefined, and know no negative zero', () => {
    expect(roundTrip({ a: undefined, b: { c: undefined }, d: -0 })).toEqual({ b: {}, d: 0 });
  });

  it('are readable where nothing has to be escaped', () => {
    const plain = { name: 'latest', size: 5, labels: { maintainer: 'ä', list: ['x', { y: null }] } };
    expect(toStored(plain)).toEqual(plain);
    expect(toStored({ 'org.opencontainers.title': 'x', $a: 1, a$: 2, '': 3 })).toEqual({
      'org%2eopencontainers%2etitle': 'x',
      '%24a': 1,
      a$: 2,
      '%': 3,
    });
  });

  it('have no name that engines refuse, and no list directly within a list', () => {
    const isAccepted = (value: unknown, inList: boolean): boolean => {
      if (Array.isArray(value)) return !inList && value.every((item) => isAccepted(item, true));
      if (typeof value !== 'object' || value === null || '_bsontype' in value) return true;
      return Object.entries(value).every(
        ([name, member]) => name !== '' && !/^\$|[.\0]/.test(name) && name.isWellFormed() && isAccepted(member, false),
      );
    };
    fc.assert(fc.property(document, (given) => isAccepted(toStored(given), false)));
  });

  it('refuse more levels than the engine takes', () => {
    const nested = (levels: number): JsonObject => (levels === 1 ? {} : { a: nested(levels - 1) });
    expect(roundTrip(nested(90))).toEqual(nested(90));
    expect(() => toStored(nested(91))).toThrow(RangeError);
    const lists = (levels: number): Json => (levels === 0 ? 1 : [lists(levels - 1)]);
    expect(() => toStored({ a: lists(60) })).toThrow(RangeError);
  });
});

/** With members in one order: it has no meaning in JSON. */
function sorted(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: Json) => sorted(item));
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sorted(member ?? null)]),
  );
}
