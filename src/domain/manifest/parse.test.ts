import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../shared/errors.js';
import type { JsonObject } from '../shared/json.js';
import { ManifestInvalid, ManifestTooLarge, MediaTypeUnsupported } from './errors.js';
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  type ManifestMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA1,
  SCHEMA1_SIGNED,
} from './mediaTypes.js';
import { parseManifest } from './parse.js';
import {
  bytesOf,
  digestFor,
  dockerList,
  dockerManifest,
  ecKey,
  ociIndex,
  ociManifest,
  schema1,
  signSchema1,
} from './testing.js';

describe('media types of manifests', () => {
  const documents: [ManifestMediaType, JsonObject][] = [
    [OCI_MANIFEST, ociManifest()],
    [OCI_INDEX, ociIndex()],
    [DOCKER_MANIFEST, dockerManifest()],
    [DOCKER_LIST, dockerList()],
    [SCHEMA1, schema1()],
  ];

  it.each(documents)('%s is taken under its own type, parameters ignored', (mediaType, document) => {
    for (const header of [mediaType, `${mediaType}; charset=utf-8`, ` ${mediaType.toUpperCase()} ;q=1`]) {
      expect(parseManifest(bytesOf(document), header).mediaType).toBe(mediaType);
    }
  });

  it.each(documents)('%s is recognised without a type', (mediaType, document) => {
    for (const header of [undefined, '', 'application/json', 'application/json; charset=utf-8']) {
      expect(parseManifest(bytesOf(document), header).mediaType).toBe(mediaType);
    }
  });

  it('guesses by the members of a document that names no type', () => {
    const nameless = { mediaType: undefined };
    expect(parseManifest(bytesOf(ociManifest(nameless)), '').mediaType).toBe(OCI_MANIFEST);
    expect(parseManifest(bytesOf(ociIndex(nameless)), '').mediaType).toBe(OCI_INDEX);
    const { signed } = signSchema1(schema1(), [ecKey()]);
    expect(parseManifest(signed, 'application/json').mediaType).toBe(SCHEMA1_SIGNED);
  });

  it.each([
    'application/vnd.oci.artifact.manifest.v1+json',
    'text/plain',
    'application/octet-stream',
    '*/*',
    'application/vnd.oci.image.config.v1+json',
  ])('%s is not supported', (mediaType) => {
    expect(() => parseManifest(bytesOf(ociManifest()), mediaType)).toThrow(MediaTypeUnsupported);
    expect(() => parseManifest(bytesOf(ociManifest({ mediaType })), '')).toThrow(
      'manifest schema version not supported',
    );
  });

  it.each([[{}], [{ schemaVersion: 2 }], [{ schemaVersion: 2, config: {} }], [{ schemaVersion: 2, layers: [] }]])(
    'refuses %j, which could be anything',
    (document) => {
      expect(() => parseManifest(bytesOf(document), '')).toThrow(ManifestInvalid);
    },
  );

  it.each([
    [OCI_MANIFEST, ociManifest({ mediaType: DOCKER_MANIFEST })],
    [OCI_INDEX, ociIndex({ mediaType: DOCKER_LIST })],
    [OCI_MANIFEST, ociManifest({ mediaType: 5 })],
    [SCHEMA1, schema1({ mediaType: OCI_MANIFEST })],
    [DOCKER_LIST, ociManifest()],
  ])('refuses a document that says it is something else than %s', (contentType, document) => {
    expect(() => parseManifest(bytesOf(document), contentType)).toThrow('must equal the Content-Type');
  });
});

describe('bytes of manifests', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'JSON'],
    ['broken JSON', Buffer.from('{"schemaVersion":2'), 'JSON'],
    ['a list', Buffer.from('[]'), 'JSON object'],
    ['null', Buffer.from('null'), 'JSON object'],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'UTF-8'],
    ['a byte order mark', Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOf(ociManifest())]), 'JSON'],
  ])('refuses %s', (_, bytes, word) => {
    expect(() => parseManifest(bytes, OCI_MANIFEST)).toThrow(ManifestInvalid);
    expect(() => parseManifest(bytes, OCI_MANIFEST)).toThrow(word);
  });

  it('takes 4 MiB and not a byte more', () => {
    const document = Buffer.from(bytesOf(ociManifest()));
    const padded = (size: number): Uint8Array => Buffer.concat([document, Buffer.alloc(size - document.length, ' ')]);
    expect(parseManifest(padded(4_194_304), OCI_MANIFEST).size).toBe(4_194_304);
    expect(() => parseManifest(padded(4_194_305), OCI_MANIFEST)).toThrow(ManifestTooLarge);
  });

  it('survives deep nesting in members that it does not know', () => {
    const deep = `{"schemaVersion":2,"manifests":[],"x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    expect(parseManifest(Buffer.from(deep), OCI_INDEX).references).toEqual([]);
  });

  it('states facts that survive JSON', () => {
    for (const document of [ociManifest(), ociIndex(), dockerManifest(), dockerList(), schema1()]) {
      const facts = parseManifest(bytesOf(document), undefined);
      expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
    }
  });
});

describe('any input', () => {
  const types = fc.constantFrom(
    OCI_MANIFEST,
    OCI_INDEX,
    DOCKER_MANIFEST,
    DOCKER_LIST,
    SCHEMA1,
    SCHEMA1_SIGNED,
    '',
    'text/x',
  );

  const answers = (bytes: Uint8Array, contentType: string): void => {
    try {
      expect(parseManifest(bytes, contentType).size).toBe(bytes.length);
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
    }
  };

  it('is answered with facts or a domain error: bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), types, answers));
  });

  it('is answered with facts or a domain error: JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), types, (value, contentType) => {
        answers(bytesOf(value), contentType);
      }),
    );
  });

  it('is answered with facts or a domain error: manifests with one odd member', () => {
    const members = fc.constantFrom(
      ...['schemaVersion', 'mediaType', 'config', 'layers', 'manifests', 'subject', 'annotations', 'artifactType'],
      ...['fsLayers', 'history', 'signatures', 'name', 'tag'],
    );
    const descriptor = fc.record(
      {
        mediaType: fc.jsonValue(),
        digest: fc.constant(digestFor('a')),
        size: fc.jsonValue(),
        platform: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const odd = fc.oneof(fc.jsonValue(), descriptor, fc.array(descriptor));
    const documents = fc.constantFrom(ociManifest(), ociIndex(), dockerManifest(), dockerList(), schema1());
    fc.assert(
      fc.property(documents, members, odd, types, (document, member, value, contentType) => {
        answers(bytesOf({ ...document, [member]: value }), contentType);
      }),
      { numRuns: 2_000 },
    );
  });
});
