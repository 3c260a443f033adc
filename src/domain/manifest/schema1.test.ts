import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid, ManifestUnverified } from './errors.js';
import { EMPTY_LAYER } from './layers.js';
import { manifestDigest } from './manifestDigest.js';
import { OCI_MANIFEST, SCHEMA1, SCHEMA1_SIGNED } from './mediaTypes.js';
import { parseManifest } from './parse.js';
import { bytesOf, digestFor, ecKey, rsaKey, schema1, signSchema1 } from './testing.js';

const hash = (algorithm: string, bytes: Uint8Array): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

describe('unsigned schema 1', () => {
  it('states layers base first, of unknown size', () => {
    const bytes = bytesOf(schema1());
    const facts = parseManifest(bytes, SCHEMA1);
    expect(facts).toMatchObject({
      kind: 'schema1',
      size: bytes.length,
      artifactType: null,
      subject: null,
      layersSize: 0,
    });
    expect(facts.references).toMatchObject([
      { digest: digestFor('1'), size: 0, sizeKnown: false, kind: 'layer', due: true },
      { digest: digestFor('2'), size: 0, sizeKnown: false, kind: 'layer', due: true },
    ]);
    expect(facts.schema1).toEqual({ name: 'org/app', tag: 'latest', labels: { maintainer: 'someone' }, signed: null });
    expect(manifestDigest(bytes, facts)).toBe(hash('sha256', bytes));
  });

  it('knows the empty layer, which is always there', () => {
    const history = [{ v1Compatibility: '{}' }];
    const facts = parseManifest(bytesOf(schema1({ fsLayers: [{ blobSum: EMPTY_LAYER }], history })), SCHEMA1);
    expect(facts.references).toEqual([
      { digest: EMPTY_LAYER, size: 32, kind: 'layer', due: false, mediaType: expect.any(String) },
    ]);
    expect(facts.layersSize).toBe(32);
  });

  it.each([
    ['schemaVersion 2', { schemaVersion: 2 }, 'schemaVersion must be 1'],
    ['no layers', { fsLayers: [], history: [] }, 'manifest does not reference any layers'],
    ['no fsLayers', { fsLayers: undefined }, 'fsLayers must be a list'],
    ['a history of another length', { history: [{ v1Compatibility: '{}' }] }, 'history must have one entry'],
    ['a layer without a digest', { fsLayers: [{}, {}] }, 'fsLayers[0].blobSum'],
    ['a tarsum', { fsLayers: [{ blobSum: `tarsum.dev+${digestFor('1')}` }, {}] }, 'fsLayers[0].blobSum'],
    ['a history without text', { history: [{ v1Compatibility: '{}' }, {}] }, 'history[1].v1Compatibility'],
    ['no name', { name: undefined }, 'name must be given'],
    ['an empty tag', { tag: '' }, 'tag must be given'],
    ['an image inside', { layers: [] }, 'must not have layers'],
  ])('refuses %s', (_, changes: JsonObject, words) => {
    expect(() => parseManifest(bytesOf(schema1(changes)), SCHEMA1)).toThrow(ManifestInvalid);
    expect(() => parseManifest(bytesOf(schema1(changes)), SCHEMA1)).toThrow(words);
  });

  it('takes 4,096 layers and no more', () => {
    const many = (count: number): JsonObject => ({
      fsLayers: Array.from({ length: count }, () => ({ blobSum: EMPTY_LAYER })),
      history: Array.from({ length: count }, () => ({ v1Compatibility: '{}' })),
    });
    expect(parseManifest(bytesOf(schema1(many(4_096))), SCHEMA1).layersSize).toBe(4_096 * 32);
    expect(() => parseManifest(bytesOf(schema1(many(4_097))), SCHEMA1)).toThrow('at most 4096');
  });

  it('is not taken for a signed one', () => {
    expect(() => parseManifest(bytesOf(schema1()), SCHEMA1_SIGNED)).toThrow(ManifestUnverified);
  });
});

describe('signed schema 1', () => {
  it.each([
    ['ES256', ecKey()],
    ['RS256', rsaKey()],
  ])('verifies %s; its digest is that of the payload', (_, key) => {
    const { signed, payload } = signSchema1(schema1(), [key]);
    const facts = parseManifest(signed, SCHEMA1_SIGNED);
    expect(facts).toMatchObject({ mediaType: SCHEMA1_SIGNED, kind: 'schema1', size: signed.length });
    expect(facts.schema1).toMatchObject({ name: 'org/app', signed: { length: payload.length - 2, tail: 'Cn0' } });
    expect(manifestDigest(signed, facts)).toBe(hash('sha256', payload));
    expect(manifestDigest(signed, facts, 'sha512')).toBe(hash('sha512', payload));
  });

  it('has the same digest whoever signs, and as unsigned bytes', () => {
    const digests = [[ecKey()], [rsaKey(), ecKey()]].map((keys) => {
      const { signed, payload } = signSchema1(schema1(), keys);
      const unsigned = parseManifest(payload, SCHEMA1);
      expect(manifestDigest(payload, unsigned)).toBe(manifestDigest(signed, parseManifest(signed, SCHEMA1_SIGNED)));
      return manifestDigest(signed, parseManifest(signed, SCHEMA1_SIGNED));
    });
    expect(new Set(digests).size).toBe(1);
  });

  it('verifies signatures under the unsigned type too', () => {
    const { signed, payload } = signSchema1(schema1(), [ecKey()]);
    const facts = parseManifest(signed, SCHEMA1);
    expect(facts.mediaType).toBe(SCHEMA1);
    expect(manifestDigest(signed, facts)).toBe(hash('sha256', payload));
    const tampered = Buffer.from(Buffer.from(signed).toString().replace('org/app', 'org/apq'));
    expect(() => parseManifest(tampered, SCHEMA1)).toThrow(ManifestUnverified);
  });

  it('refuses a payload that is no schema 1 manifest, though well signed', () => {
    const { signed } = signSchema1(schema1({ mediaType: OCI_MANIFEST }), [ecKey()]);
    expect(() => parseManifest(signed, SCHEMA1_SIGNED)).toThrow(ManifestInvalid);
  });
});
