import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid } from './errors.js';
import type { ManifestFacts } from './facts.js';
import { DOCKER_MANIFEST, OCI_MANIFEST } from './mediaTypes.js';
import { parseManifest } from './parse.js';
import { bytesOf, CONFIG, digestFor, dockerManifest, LAYER, ociManifest } from './testing.js';

const oci = (changes: JsonObject = {}): ManifestFacts => parseManifest(bytesOf(ociManifest(changes)), OCI_MANIFEST);
const docker = (changes: JsonObject = {}): ManifestFacts =>
  parseManifest(bytesOf(dockerManifest(changes)), DOCKER_MANIFEST);

describe('image manifests', () => {
  it('states config and layers in order', () => {
    const second = { ...LAYER, digest: digestFor('2', 'sha512'), size: 100 };
    expect(oci({ layers: [LAYER, second] })).toEqual({
      mediaType: OCI_MANIFEST,
      kind: 'image',
      size: expect.any(Number),
      references: [
        { ...CONFIG, kind: 'config', due: true },
        { ...LAYER, kind: 'layer', due: true },
        { ...second, kind: 'layer', due: true },
      ],
      subject: null,
      artifactType: CONFIG['mediaType'],
      annotations: {},
      configDigest: CONFIG['digest'],
      configMediaType: CONFIG['mediaType'],
      isImageConfig: true,
      layersSize: 32_754,
      schema1: null,
    });
  });

  it('takes Docker schema 2, whose config is that of an image too', () => {
    expect(docker()).toMatchObject({
      mediaType: DOCKER_MANIFEST,
      kind: 'image',
      isImageConfig: true,
      layersSize: 32_654,
    });
  });

  it.each([
    ['no layers', { layers: [] }],
    ['null for no layers, as Go writes it', { layers: null }],
    ['the config as a layer', { layers: [CONFIG] }],
    ['no mediaType', { mediaType: undefined }],
    ['null for what is optional', { mediaType: null, subject: null, annotations: null, artifactType: null }],
    ['unknown members', { layers: [{ ...LAYER, urls: 5, extra: {} }], extra: [1, { a: null }] }],
    ['embedded data', { config: { ...CONFIG, data: 'e30=' } }],
    ['a size of 0', { layers: [{ ...LAYER, size: 0 }] }],
    [
      'any artifact',
      { artifactType: 'application/x', config: { ...CONFIG, mediaType: 'application/vnd.oci.empty.v1+json' } },
    ],
  ])('takes %s', (_, changes) => {
    expect(oci(changes).kind).toBe('image');
  });

  it.each([
    ['schemaVersion 1', { schemaVersion: 1 }, 'schemaVersion must be 2'],
    ['schemaVersion as text', { schemaVersion: '2' }, 'schemaVersion must be 2'],
    ['no config', { config: undefined }, 'config must be an object'],
    ['no layers member', { layers: undefined }, 'layers must be a list'],
    ['layers that are no list', { layers: {} }, 'layers must be a list'],
    ['a layer that is no object', { layers: [LAYER, 'x'] }, 'layers[1] must be an object'],
    ['a media type without a slash', { layers: [{ ...LAYER, mediaType: 'tar' }] }, 'layers[0].mediaType'],
    ['a media type with parameters', { config: { ...CONFIG, mediaType: 'a/b; c=d' } }, 'config.mediaType'],
    ['a missing media type', { config: { ...CONFIG, mediaType: undefined } }, 'config.mediaType'],
    ['a short digest', { layers: [{ ...LAYER, digest: 'sha256:abc' }] }, 'layers[0].digest'],
    ['an upper-case digest', { layers: [{ ...LAYER, digest: digestFor('A') }] }, 'layers[0].digest'],
    ['a negative size', { layers: [{ ...LAYER, size: -1 }] }, 'layers[0].size'],
    ['a broken size', { layers: [{ ...LAYER, size: 1.5 }] }, 'layers[0].size'],
    ['a size as text', { layers: [{ ...LAYER, size: '1' }] }, 'layers[0].size'],
    ['a size beyond what is exact', { layers: [{ ...LAYER, size: 2 ** 53 }] }, 'layers[0].size'],
    ['sizes whose sum is not exact', { layers: [{ ...LAYER, size: Number.MAX_SAFE_INTEGER }] }, 'add up'],
    ['data that is no string', { config: { ...CONFIG, data: 5 } }, 'config.data'],
    ['an annotation that is no string', { annotations: { a: 1 } }, 'annotations'],
    ['a list of annotations', { annotations: ['a'] }, 'annotations'],
    ['an annotation with half a character', { annotations: { a: '\ud800' } }, 'annotations'],
    ['a subject that is no descriptor', { subject: 'sha256:abc' }, 'subject must be an object'],
    ['a subject without a size', { subject: { ...LAYER, size: undefined } }, 'subject.size'],
    ['an artifact type that is no string', { artifactType: 5 }, 'artifactType'],
    ['an artifact type without an end', { artifactType: `a/${'b'.repeat(254)}` }, 'artifactType'],
    ['an index inside', { manifests: [] }, 'must not have manifests'],
  ])('refuses %s', (_, changes: JsonObject, words) => {
    expect(() => oci(changes)).toThrow(ManifestInvalid);
    expect(() => oci(changes)).toThrow(words);
  });

  it('refuses Docker schema 2 that does not say so', () => {
    expect(() => docker({ mediaType: undefined })).toThrow(`mediaType must be ${DOCKER_MANIFEST}`);
  });

  it('shows the artifact type, else the media type of the config', () => {
    expect(oci({ artifactType: 'application/vnd.example' }).artifactType).toBe('application/vnd.example');
    expect(oci({ artifactType: '' }).artifactType).toBe(CONFIG['mediaType']);
    expect(oci({ config: { ...CONFIG, mediaType: 'application/vnd.cncf.helm.config.v1+json' } })).toMatchObject({
      artifactType: 'application/vnd.cncf.helm.config.v1+json',
      isImageConfig: false,
    });
  });

  it('states subject and annotations', () => {
    const subject = { mediaType: OCI_MANIFEST, digest: digestFor('e', 'sha512'), size: 5 };
    const facts = oci({ subject: { ...subject, annotations: {} }, annotations: { one: '1', two: '' } });
    expect(facts.subject).toEqual(subject);
    expect(facts.annotations).toEqual({ one: '1', two: '' });
  });

  it('keeps an annotation with a dangerous name an ordinary member', () => {
    const text = JSON.stringify(ociManifest({ annotations: { x: 'y' } })).replace('"x"', '"__proto__"');
    const { annotations } = parseManifest(Buffer.from(text), OCI_MANIFEST);
    expect(Object.entries(annotations)).toEqual([['__proto__', 'y']]);
  });

  it('reads OCI members in OCI manifests only', () => {
    const facts = docker({ subject: 'anything', annotations: { a: 5 }, artifactType: 7 });
    expect(facts).toMatchObject({ subject: null, annotations: {}, artifactType: facts.configMediaType });
  });

  it.each([
    ['application/vnd.oci.image.layer.nondistributable.v1.tar', false],
    ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', false],
    ['application/vnd.oci.image.layer.nondistributable.v1.tar+zstd', false],
    ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', false],
    ['application/vnd.docker.image.rootfs.diff.tar.gzip', true],
    ['application/vnd.oci.image.layer.v1.tar+zstd', true],
  ])('a layer of type %s is due: %s', (mediaType, due) => {
    expect(oci({ layers: [{ ...LAYER, mediaType }] }).references[1]).toMatchObject({ kind: 'layer', due });
    expect(oci({ config: { ...CONFIG, mediaType } }).references[0]).toMatchObject({ kind: 'config', due: true });
  });

  it('takes 4,096 references and names the limit beyond', () => {
    const layers = (count: number): JsonObject => ({ layers: Array.from({ length: count }, () => LAYER) });
    const subject = { ...LAYER, mediaType: OCI_MANIFEST };
    expect(oci(layers(4_095)).references).toHaveLength(4_096);
    expect(oci({ ...layers(4_094), subject }).references).toHaveLength(4_095);
    expect(() => oci(layers(4_096))).toThrow('4096');
    expect(() => oci({ ...layers(4_095), subject })).toThrow('at most 4096');
  });
});
