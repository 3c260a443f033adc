import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../shared/json.js';
import type { ManifestFacts } from './facts.js';
import { configToRead, labelMediaType, manifestLabels, MAX_LABEL_BYTES } from './labels.js';
import { parseManifest } from './parse.js';
import { bytesOf, CONFIG, dockerList, dockerManifest, ociIndex, ociManifest, schema1 } from './testing.js';

const facts = (document: JsonObject): ManifestFacts => parseManifest(bytesOf(document), undefined);
const image = (annotations: JsonObject = {}): ManifestFacts => facts(ociManifest({ annotations }));
const artifact = (annotations: JsonObject): ManifestFacts =>
  facts(ociManifest({ config: { ...CONFIG, mediaType: 'application/vnd.oci.empty.v1+json' }, annotations }));
const configWith = (labels: unknown): Uint8Array => bytesOf({ config: { Labels: labels } });

const valuesOf = (manifest: ManifestFacts, config?: Uint8Array): Record<string, string> =>
  Object.fromEntries(manifestLabels(manifest, config).labels.map(({ key, value }) => [key, value]));

const LARGE = 'x'.repeat(20_000);

describe('labels of a manifest', () => {
  it('are those of the image config, overlaid by annotations', () => {
    const config = configWith({ a: 'config', b: 'config' });
    expect(valuesOf(image({ b: 'annotation', c: 'annotation' }), config)).toEqual({
      a: 'config',
      b: 'annotation',
      c: 'annotation',
    });
    expect(valuesOf(facts(dockerManifest()), config)).toEqual({ a: 'config', b: 'config' });
  });

  it('are the annotations alone where the config is none of an image', () => {
    const manifest = artifact({ a: 'annotation' });
    expect(configToRead(manifest)).toBeNull();
    expect(valuesOf(manifest, configWith({ b: 'config' }))).toEqual({ a: 'annotation' });
  });

  it('are those of the top image in schema 1', () => {
    expect(valuesOf(facts(schema1()))).toEqual({ maintainer: 'someone' });
    const history = [{ v1Compatibility: 'no JSON' }, { v1Compatibility: '{}' }];
    expect(valuesOf(facts(schema1({ history })))).toEqual({});
  });

  it.each([ociIndex({ annotations: { a: 'b' } }), ociIndex({ annotations: { a: LARGE } }), dockerList()])(
    'an index has none of its own',
    (document) => {
      expect(manifestLabels(facts(document))).toEqual({ labels: [], complete: true });
    },
  );

  it.each([
    ['is missing', undefined],
    ['is {}', bytesOf({})],
    ['has no labels', bytesOf({ config: {} })],
    ['has null for labels', configWith(null)],
    ['has a list for labels', configWith(['a'])],
    ['is no JSON', Buffer.from('PK\u0003\u0004')],
    ['is no UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['is a list', bytesOf([])],
    ['is too large', Buffer.concat([configWith({ a: 'b' }), Buffer.alloc(4_194_304, ' ')])],
  ])('are the annotations when the config %s', (_, config) => {
    expect(valuesOf(image({ x: 'y' }), config)).toEqual({ x: 'y' });
  });

  it('leave out values that are no text', () => {
    expect(valuesOf(image(), configWith({ a: 1, b: null, c: '', d: '\ud800', e: 'x' }))).toEqual({ c: '', e: 'x' });
  });

  it('ask for the config only where it is small enough to be read', () => {
    expect(configToRead(image())).toBe(CONFIG['digest']);
    expect(configToRead(facts(ociManifest({ config: { ...CONFIG, size: 4_194_305 } })))).toBeNull();
    expect(configToRead(facts(ociIndex()))).toBeNull();
    expect(configToRead(facts(schema1()))).toBeNull();
  });

  it('keep a dangerous name an ordinary key', () => {
    const config = Buffer.from('{"config":{"Labels":{"__proto__":"x"}}}');
    expect(manifestLabels(image(), config).labels).toMatchObject([{ key: '__proto__', value: 'x' }]);
  });

  it('do not come from annotations beyond the bound, except for those with an effect', () => {
    const annotations = { a: LARGE, b: 'small', 'quay.expires-after': '1d', 'quay.immutable': LARGE };
    const result = manifestLabels(image(annotations), configWith({ c: 'config' }));
    expect(result.complete).toBe(false);
    expect(result.labels.map(({ key }) => key)).toEqual(['quay.expires-after', 'c']);
  });

  it('stay within the bound: what does not fit is left out, those with an effect come first', () => {
    const labels = { first: 'x', large: LARGE, second: 'x', 'quay.immutable': 'true' };
    const result = manifestLabels(image(), configWith(labels));
    expect(result.complete).toBe(false);
    expect(result.labels.map(({ key }) => key)).toEqual(['quay.immutable', 'first', 'second']);
  });

  it('never exceed the bound', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.string({ minLength: 1_000, maxLength: 4_000 }), { minKeys: 5 }),
        (labels) => {
          const kept = manifestLabels(image(), configWith(labels)).labels.map(({ key, value }) => ({ key, value }));
          expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThanOrEqual(MAX_LABEL_BYTES + kept.length + 1);
        },
      ),
    );
  });
});

describe('media type of a label', () => {
  it.each([
    ['{}', 'application/json'],
    [' [1, 2] ', 'application/json'],
    ['{"a": {"b": null}}', 'application/json'],
    ['', 'text/plain'],
    ['true', 'text/plain'],
    ['5', 'text/plain'],
    ['"text"', 'text/plain'],
    ['{a}', 'text/plain'],
    ['[section]', 'text/plain'],
  ])('%j is %s', (value, mediaType) => {
    expect(labelMediaType(value)).toBe(mediaType);
  });
});
