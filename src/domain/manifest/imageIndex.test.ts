import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';
import type { ManifestFacts } from './facts.js';
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, SCHEMA1_SIGNED } from './mediaTypes.js';
import { parseManifest } from './parse.js';
import { bytesOf, CHILD, digestFor, dockerList, ociIndex } from './testing.js';

const index = (changes: JsonObject = {}): ManifestFacts => parseManifest(bytesOf(ociIndex(changes)), OCI_INDEX);
const list = (changes: JsonObject = {}): ManifestFacts => parseManifest(bytesOf(dockerList(changes)), DOCKER_LIST);
const LINUX = { architecture: 'amd64', os: 'linux' };

describe('indexes', () => {
  it('states children with their platforms, in order', () => {
    const platform = { ...LINUX, variant: 'v2', 'os.version': '10.0.1', 'os.features': ['win32k'], extra: 1 };
    const nested = { ...CHILD, mediaType: OCI_INDEX, digest: digestFor('b') };
    const facts = index({ manifests: [{ ...CHILD, platform }, nested], artifactType: 'a/b', annotations: { a: 'b' } });
    expect(facts).toEqual({
      mediaType: OCI_INDEX,
      kind: 'index',
      size: expect.any(Number),
      references: [
        { ...CHILD, kind: 'child', due: true, platform: { ...LINUX, variant: 'v2', 'os.version': '10.0.1' } },
        { ...nested, kind: 'child', due: true },
      ],
      subject: null,
      artifactType: 'a/b',
      annotations: { a: 'b' },
      configDigest: null,
      configMediaType: null,
      isImageConfig: false,
      layersSize: 0,
      schema1: null,
    });
  });

  it.each([
    ['no children', { manifests: [] }],
    ['null for no children', { manifests: null }],
    ['an unknown platform', { manifests: [{ ...CHILD, platform: { architecture: 'unknown', os: 'unknown' } }] }],
    ['an empty platform text', { manifests: [{ ...CHILD, platform: { architecture: '', os: '', variant: '' } }] }],
    ['null for a platform', { manifests: [{ ...CHILD, platform: null }] }],
    ['children of any type', { manifests: [{ ...CHILD, mediaType: 'application/vnd.example+json' }] }],
    ['no artifact type', { artifactType: undefined }],
  ])('takes %s', (_, changes) => {
    expect(index(changes)).toMatchObject({ kind: 'index', artifactType: null });
  });

  it('states a subject', () => {
    expect(index({ subject: CHILD }).subject).toEqual(CHILD);
  });

  it.each([
    ['schemaVersion 1', { schemaVersion: 1 }, 'schemaVersion must be 2'],
    ['no manifests', { manifests: undefined }, 'manifests must be a list'],
    ['a child that is no object', { manifests: [null] }, 'manifests[0] must be an object'],
    ['a child without a digest', { manifests: [CHILD, { ...CHILD, digest: undefined }] }, 'manifests[1].digest'],
    ['an empty platform', { manifests: [{ ...CHILD, platform: {} }] }, 'platform needs architecture and os'],
    ['half a platform', { manifests: [{ ...CHILD, platform: { os: 'linux' } }] }, 'platform needs architecture'],
    ['a platform that is no object', { manifests: [{ ...CHILD, platform: 'linux' }] }, 'platform must be an object'],
    [
      'a variant that is no string',
      { manifests: [{ ...CHILD, platform: { ...LINUX, variant: 8 } }] },
      'platform.variant',
    ],
    ['an image inside', { layers: [] }, 'must not have layers'],
    ['a config inside', { config: {} }, 'must not have config'],
  ])('refuses %s', (_, changes: JsonObject, words) => {
    expect(() => index(changes)).toThrow(ManifestInvalid);
    expect(() => index(changes)).toThrow(words);
  });

  it('takes 4,096 references, the subject included', () => {
    const children = (count: number): JsonObject => ({ manifests: Array.from({ length: count }, () => CHILD) });
    expect(index(children(4_096)).references).toHaveLength(4_096);
    expect(() => index(children(4_097))).toThrow('at most 4096');
    expect(() => index({ ...children(4_096), subject: CHILD })).toThrow('at most 4096');
  });
});

describe('manifest lists', () => {
  const entry = { ...CHILD, platform: LINUX };

  it.each([DOCKER_MANIFEST, SCHEMA1_SIGNED])('lists children of type %s', (mediaType) => {
    const { references } = list({ manifests: [{ ...entry, mediaType }] });
    expect(references).toEqual([{ ...CHILD, mediaType, kind: 'child', due: true, platform: LINUX }]);
  });

  it('needs a platform in every entry', () => {
    expect(() => list({ manifests: [{ ...CHILD, mediaType: DOCKER_MANIFEST }] })).toThrow('needs a platform');
  });

  it.each([OCI_MANIFEST, DOCKER_LIST])('refuses children of type %s', (mediaType) => {
    expect(() => list({ manifests: [{ ...entry, mediaType }] })).toThrow('others go into an OCI index');
  });

  it('has no subject and no annotations', () => {
    expect(list({ subject: CHILD, annotations: { a: 'b' } })).toMatchObject({ subject: null, annotations: {} });
  });
});
