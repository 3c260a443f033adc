import { describe, expect, it } from '@jest/globals';
import { digestNumber } from '../../../test/support/repositoryEvents.js';
import type { JsonObject } from '../shared/json.js';
import type { ManifestFacts, ManifestReference } from './facts.js';
import { layerSteps } from './layerHistory.js';
import { EMPTY_LAYER } from './layers.js';

const [CONFIG, BASE, TOP] = [digestNumber(1), digestNumber(2), digestNumber(3)];
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const FOREIGN = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
const NOTHING = { command: null, comment: null, author: null, created: null };

const layer = (digest: typeof BASE, mediaType = LAYER): ManifestReference => ({
  ...{ digest, mediaType, size: 10, kind: 'layer', due: true },
});
const config: ManifestReference = { digest: CONFIG, mediaType: 'x', size: 5, kind: 'config', due: true };
const image: Pick<ManifestFacts, 'kind' | 'references'> = {
  kind: 'image',
  references: [config, layer(BASE), layer(TOP)],
};
const stepsOf = (history: JsonObject['history']) => layerSteps(image, { layers: [{}, {}] }, { history });

describe('the layers of an image', () => {
  it('are told with the history of its config, entries without a layer among them', () => {
    const steps = stepsOf([
      { created: '2026-06-18T18:59:13.123456789Z', created_by: 'ADD file', author: 'ada', comment: 'the base' },
      { created_by: 'CMD ["sh"]', empty_layer: true },
      { created_by: '["RUN","make"]', created: 'long ago' },
    ]);
    const common = { size: 10, isRemote: false, urls: null };
    expect(steps).toEqual([
      {
        ...{ ...common, digest: BASE, command: ['ADD file'], author: 'ada', comment: 'the base' },
        created: Date.UTC(2026, 5, 18, 18, 59, 13, 123),
      },
      { ...common, ...NOTHING, digest: EMPTY_LAYER, size: 32, command: ['CMD ["sh"]'] },
      { ...common, ...NOTHING, digest: TOP, command: ['RUN', 'make'] },
    ]);
  });

  it.each<[string, JsonObject['history']]>([
    ['there is none', undefined],
    ['it is no list', 'a text'],
    ['it tells of fewer layers', [{ created_by: 'one' }]],
    ['it tells of more layers', [{}, {}, {}]],
    ['its entries are no objects', ['one', 'two']],
  ])('are told without a history where %s', (_, history) => {
    expect(stepsOf(history).map((step) => [step.digest, step.command])).toEqual([
      [BASE, null],
      [TOP, null],
    ]);
  });

  it('that come from elsewhere say from where', () => {
    const facts = { kind: 'image', references: [config, layer(BASE, FOREIGN), layer(TOP)] } as const;
    const document = { layers: [{ urls: ['https://example.org/base', 7] }, { urls: ['https://example.org/top'] }] };
    expect(layerSteps(facts, document, undefined).map(({ isRemote, urls }) => [isRemote, urls])).toEqual([
      [true, ['https://example.org/base']],
      [false, null],
    ]);
  });

  it('of schema 1 are told base first, the history being the other way round', () => {
    const facts = { kind: 'schema1', references: [layer(BASE), layer(TOP)] } as const;
    const history = [
      { v1Compatibility: JSON.stringify({ author: 'top', container_config: { Cmd: ['sh', '-c'] } }) },
      { v1Compatibility: 'no JSON' },
    ];
    expect(layerSteps(facts, { history }, undefined)).toMatchObject([
      { digest: BASE, ...NOTHING },
      { digest: TOP, ...NOTHING, author: 'top', command: ['sh', '-c'] },
    ]);
  });

  it('of an index are none', () => {
    const child: ManifestReference = { digest: BASE, mediaType: 'x', size: 1, kind: 'child', due: true };
    expect(layerSteps({ kind: 'index', references: [child] }, {}, undefined)).toEqual([]);
  });
});
