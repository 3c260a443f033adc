import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson } from './canonicalJson.js';
import type { Json } from './json.js';

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '9',
    '10',
    '-1',
    '1a',
    '__proto__',
    'constructor',
    '',
    '\u20ac',
    '\r',
    '\ufb33',
    '\ud83d\ude00',
    '\u0080',
  ),
);

const json = fc.letrec<{ value: Json; object: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    tie('object'),
  ),
  object: fc.dictionary(names, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));

describe('canonical JSON', () => {
  it('is the example of RFC 8785 section 3.2.3', () => {
    const members = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\ud83d\ude00': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis',
    };
    expect(Object.values(JSON.parse(canonicalJson(members)) as object)).toHaveLength(7);
    expect(canonicalJson(members).match(/:"[A-Z][a-z]+/g)).toEqual(
      ['Carriage', 'One', 'Control', 'Latin', 'Euro', 'Emoji', 'Hebrew'].map((word) => `:"${word}`),
    );
  });

  it('agrees with canonicalize on everything', () => {
    fc.assert(
      fc.property(json.value, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves out members that are undefined', () => {
    expect(canonicalJson({ b: undefined, a: [{ d: undefined, c: 1 }] })).toBe('{"a":[{"c":1}]}');
  });

  it.each([[NaN], [Infinity], ['\ud800'], [{ a: ['\udc00'] }], [{ '\ud800': 1 }]])('does not exist for %j', (value) => {
    expect(() => canonicalJson(value)).toThrow();
  });
});
