import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DigestInvalid } from './digest.js';
import { DomainError } from './errors.js';
import { parseReference, parseTagName, referenceText, TagInvalid } from './reference.js';

const SHA256 = `sha256:${'a'.repeat(64)}`;
const SHA512 = `sha512:${'0'.repeat(128)}`;

describe('references', () => {
  it.each(['latest', 'v1.0.0', '_', 'A-b_c.d', '1', 'a'.repeat(128), `sha256-${'a'.repeat(64)}.sig`])(
    '%s is a tag',
    (tag) => {
      expect(parseReference(tag)).toEqual({ kind: 'tag', tag });
    },
  );

  it.each([SHA256, SHA512])('%s is a digest', (digest) => {
    expect(parseReference(digest)).toEqual({ kind: 'digest', digest });
  });

  it.each(['sha256:baddigeststring', `sha256:${'A'.repeat(64)}`, 'md5:00', ':', 'a:b:c', `${SHA256}0`, 'latest:'])(
    '%s is meant as a digest, and is none',
    (text) => {
      expect(() => parseReference(text)).toThrow(DigestInvalid);
    },
  );

  it.each(['', '.a', '-a', 'a b', 'a/b', 'ä', 'a'.repeat(129), 'a\n', 'a+b'])('%j is no tag', (text) => {
    expect(() => parseReference(text)).toThrow(TagInvalid);
    expect(() => parseTagName(text)).toThrow(
      'Invalid tag: must match [A-Za-z0-9_.-], NOT start with "." or "-", and can contain 1-128 characters',
    );
  });

  it('prints what it parses', () => {
    const tags = fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
    const digests = fc.stringMatching(/^sha256:[0-9a-f]{64}$/);
    fc.assert(
      fc.property(fc.oneof(tags, digests), (text) => {
        expect(referenceText(parseReference(text))).toBe(text);
      }),
    );
  });

  it('answers any text with a reference or a domain error', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('a', ':', '.', '0') })),
        (text) => {
          try {
            expect(referenceText(parseReference(text))).toBe(text);
          } catch (error) {
            expect(error).toBeInstanceOf(DomainError);
          }
        },
      ),
    );
  });
});
