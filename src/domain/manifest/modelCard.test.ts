import { describe, expect, it } from '@jest/globals';
import { digestNumber } from '../../../test/support/repositoryEvents.js';
import type { JsonObject } from '../shared/json.js';
import { DOCKER_MANIFEST, OCI_MANIFEST } from './mediaTypes.js';
import { modelCardIn, type ModelCardRule } from './modelCard.js';

const [A, B] = [digestNumber(1), digestNumber(2)];
const README = { 'org.opencontainers.image.title': 'README.md' };
const rule: ModelCardRule = {
  artifactType: 'application/x-mlmodel',
  annotations: {},
  layerAnnotations: README,
};
const model = (layers: readonly JsonObject[]): JsonObject => ({ artifactType: 'application/x-mlmodel', layers });

describe('the card of a model', () => {
  it('is its only layer, whatever that is called', () => {
    expect(modelCardIn(model([{ digest: A }]), OCI_MANIFEST, rule)).toBe(A);
  });

  it('is the layer that is marked, of several', () => {
    const layers = [{ digest: A }, { digest: B, annotations: { ...README, other: 'x' } }];
    expect(modelCardIn(model(layers), OCI_MANIFEST, rule)).toBe(B);
    expect(modelCardIn(model([{ digest: A }, { digest: B }]), OCI_MANIFEST, rule)).toBeUndefined();
  });

  it('is in what is marked as a model by its annotations, where the instance has such marks', () => {
    const document = { annotations: { kind: 'model' }, layers: [{ digest: A, annotations: README }] };
    expect(modelCardIn(document, OCI_MANIFEST, rule)).toBeUndefined();
    expect(modelCardIn(document, OCI_MANIFEST, { ...rule, annotations: { kind: 'model' } })).toBe(A);
    expect(modelCardIn(document, OCI_MANIFEST, { ...rule, annotations: { kind: 'other' } })).toBeUndefined();
  });

  it('is in nothing else', () => {
    expect(modelCardIn(model([{ digest: A }]), DOCKER_MANIFEST, rule)).toBeUndefined();
    expect(modelCardIn({ artifactType: 'x', layers: [{ digest: A }] }, OCI_MANIFEST, rule)).toBeUndefined();
    expect(modelCardIn(model([{ digest: 'no digest' }]), OCI_MANIFEST, rule)).toBeUndefined();
    expect(modelCardIn({ artifactType: 'application/x-mlmodel' }, OCI_MANIFEST, rule)).toBeUndefined();
  });
});
