import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDigest } from './digest.js';
import { cosignSubjectOf, cosignTagsOf, isReferrersTag, parseExpiresAfter, referrersTagOf } from './tag.js';

const HEX = 'a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';
const SHA256 = parseDigest(`sha256:${HEX}`);
const SHA512 = parseDigest(`sha512:${HEX}${HEX}`);

describe('quay.expires-after', () => {
  it.each([
    ['30s', 30],
    ['10m', 600],
    ['12h', 43_200],
    ['007d', 604_800],
    ['2w', 1_209_600],
    ['1y', 31_536_000],
    ['3170y', 99_969_120_000],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseExpiresAfter(text)).toBe(seconds);
  });

  it.each([
    '',
    '0s',
    '0y',
    '-1d',
    '1',
    'd',
    '1 d',
    ' 1d',
    '1d ',
    '1D',
    '1.5h',
    '1mo',
    '1d1h',
    '١d',
    '3200y',
    '9'.repeat(50) + 'd',
  ])('%j expires nothing', (text) => {
    expect(parseExpiresAfter(text)).toBeNull();
  });

  it('answers any text with null or a positive number', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('1', '0', 's', 'y') })), (text) => {
        expect(parseExpiresAfter(text) ?? 1).toBeGreaterThan(0);
      }),
    );
  });
});

describe('referrers tags', () => {
  it('are made of the digest, the hex cut to 64', () => {
    expect(referrersTagOf(SHA256)).toBe(`sha256-${HEX}`);
    expect(referrersTagOf(SHA512)).toBe(`sha512-${HEX}`);
  });

  it('are recognised', () => {
    expect(isReferrersTag(referrersTagOf(SHA256))).toBe(true);
    expect(isReferrersTag(referrersTagOf(SHA512))).toBe(true);
    for (const tag of ['latest', `sha256-${HEX}.sig`, `sha256-${HEX}0`, `sha256-${HEX.toUpperCase()}`, `md5-${HEX}`]) {
      expect(isReferrersTag(tag)).toBe(false);
    }
  });
});

describe('cosign tags', () => {
  it('are made of the digest and recognised', () => {
    const tags = cosignTagsOf(SHA256);
    expect(tags).toEqual([`sha256-${HEX}.sig`, `sha256-${HEX}.att`, `sha256-${HEX}.sbom`]);
    expect(tags.map(cosignSubjectOf)).toEqual([SHA256, SHA256, SHA256]);
  });

  it('do not exist for sha512', () => {
    expect(cosignTagsOf(SHA512)).toEqual([]);
  });

  it.each(['latest', `sha256-${HEX}`, `sha256-${HEX}.sigs`, `sha256-${HEX}.`, `sha512-${HEX}.sig`])(
    '%s is none',
    (tag) => {
      expect(cosignSubjectOf(tag)).toBeNull();
    },
  );
});
