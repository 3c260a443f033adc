import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Json, JsonObject } from '../shared/json.js';
import { ManifestUnverified } from './errors.js';
import { verifyPrettySignatures } from './jws.js';
import { bytesOf, ecKey, rsaKey, schema1, signatureOf, signSchema1 } from './testing.js';

const key = ecKey();
const { signed, payload } = signSchema1(schema1(), [key]);
const format = { formatLength: payload.length - 2, formatTail: 'Cn0' };
const good = signatureOf(payload, format, key);
const header = good['header'] as JsonObject;
const encoded = (value: JsonObject): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const verify = (...signatures: Json[]): unknown => verifyPrettySignatures(signed, signatures);

describe('pretty signatures', () => {
  it('cuts the payload out of the document', () => {
    const result = verifyPrettySignatures(signed, [good]);
    expect(Buffer.from(result.payload)).toEqual(Buffer.from(payload));
    expect(result).toMatchObject({ length: format.formatLength, tail: format.formatTail });
  });

  it('finds every changed byte of the payload', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: format.formatLength - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, change) => {
          const tampered = Uint8Array.from(signed);
          tampered[at] = (tampered[at] ?? 0) ^ change;
          expect(() => verifyPrettySignatures(tampered, [good])).toThrow(ManifestUnverified);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each<[string, Json[]]>([
    ['no signature', []],
    ['too many signatures', Array.from({ length: 17 }, () => good)],
    ['a signature that is no object', ['x']],
    ['no header', [{ ...good, header: undefined }]],
    ['no key', [{ ...good, header: { alg: 'ES256' } }]],
    ['no protected header', [{ ...good, protected: undefined }]],
    ['a protected header that is no JSON', [{ ...good, protected: 'AAAA' }]],
    ['a protected header without a length', [{ ...good, protected: encoded({ formatTail: 'Cn0' }) }]],
    ['a negative length', [{ ...good, protected: encoded({ ...format, formatLength: -1 }) }]],
    ['a length beyond the end', [{ ...good, protected: encoded({ ...format, formatLength: signed.length + 1 }) }]],
    ['a protected header without a tail', [{ ...good, protected: encoded({ formatLength: 5 }) }]],
    ['a changed protected header', [{ ...good, protected: encoded({ ...format, time: 'later' }) }]],
    ['a signature with padding', [{ ...good, signature: 'AAA=' }]],
    ['a signature of another length', [{ ...good, signature: 'AAAA' }]],
    ['another key', [{ ...good, header: signatureOf(payload, format, ecKey())['header'] }]],
    ['an unknown algorithm', [{ ...good, header: { ...header, alg: 'HS256' } }]],
    ['no signing at all', [{ ...good, header: { ...header, alg: 'none' } }]],
    ['a key of another kind', [{ ...good, header: { ...header, alg: 'RS256' } }]],
    ['a key of another curve', [{ ...good, header: { ...header, alg: 'ES384' } }]],
    [
      'a point that is not on the curve',
      [{ ...good, header: { alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' } } }],
    ],
    ['a second signature of something else', [good, signatureOf(payload, { ...format, formatTail: 'fQ' }, key)]],
    [
      'a second signature that is wrong',
      [good, { ...good, signature: signatureOf(bytesOf({}), format, rsaKey())['signature'] }],
    ],
  ])('refuses %s', (_, signatures) => {
    expect(() => verify(...signatures)).toThrow(ManifestUnverified);
  });

  it('refuses signatures that are no list', () => {
    expect(() => verifyPrettySignatures(signed, { 0: good })).toThrow(ManifestUnverified);
  });
});
