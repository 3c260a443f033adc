import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ecKey, rsaKey, schema1, signSchema1 } from '../../src/domain/manifest/testing.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { closeConnections, digestOf, freshBytes, V2Client, type Repository } from '../support/v2client.js';

const SIGNED = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
const UNSIGNED = 'application/vnd.docker.distribution.manifest.v1+json';

let registry: ControlledRegistry;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/old');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

async function image(changes: Parameters<typeof schema1>[0] = {}) {
  const fsLayers = [
    { blobSum: await repository.pushBlob(freshBytes()) },
    { blobSum: await repository.pushBlob(freshBytes()) },
  ];
  return schema1({ name: 'alice/old', tag: 'v1', fsLayers, ...changes });
}

describe('a manifest of schema 1', () => {
  it.each([
    ['EC', ecKey],
    ['RSA', rsaKey],
  ])('is taken when it is signed by a key of type %s; its digest is that of the payload', async (_, key) => {
    const { signed, payload } = signSchema1(await image(), [key()]);
    const answer = await repository.putManifest(signed, SIGNED, 'v1');
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digestOf(payload)]);
    for (const reference of ['v1', digestOf(payload)]) {
      const pulled = await repository.get(`manifests/${reference}`);
      expect(pulled.body.equals(signed)).toBe(true);
      expect([pulled.header('content-type'), pulled.header('docker-content-digest')]).toEqual([
        SIGNED,
        digestOf(payload),
      ]);
    }
  });

  it('is taken unsigned', async () => {
    const bytes = Buffer.from(JSON.stringify(await image()));
    const answer = await repository.putManifest(bytes, UNSIGNED, 'v1');
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digestOf(bytes)]);
    expect((await repository.get('manifests/v1', { Accept: UNSIGNED })).header('content-type')).toBe(UNSIGNED);
  });

  it('is tagged with the tag that it was made for when it is pushed by digest', async () => {
    const { signed, payload } = signSchema1(await image({ tag: 'made-for' }), [ecKey()]);
    const answer = await repository.putManifest(signed, SIGNED, digestOf(payload));
    expect([answer.status, answer.header('oci-tag')]).toEqual([201, 'made-for']);
    expect((await repository.get('manifests/made-for')).status).toBe(200);
  });

  it('DS-179 is refused when its signature is not that of its payload', async () => {
    const { signed } = signSchema1(await image(), [ecKey()]);
    const forged = Buffer.from(Buffer.from(signed).toString('utf8').replace('"amd64"', '"arm64"'));
    expect((await repository.putManifest(forged, SIGNED, 'v1')).refusal).toEqual([400, 'MANIFEST_UNVERIFIED']);
  });

  it('is refused under another name or tag, without layers, and with another history', async () => {
    const push = async (changes: Parameters<typeof schema1>[0]) =>
      (await repository.putManifest(JSON.stringify(await image(changes)), UNSIGNED, 'v1')).refusal;
    expect(await push({ name: 'bob/old' })).toEqual([400, 'NAME_INVALID']);
    expect(await push({ name: 'alice/new' })).toEqual([400, 'NAME_INVALID']);
    expect(await push({ tag: 'v2' })).toEqual([400, 'MANIFEST_INVALID']);
    expect(await push({ fsLayers: [], history: [] })).toEqual([400, 'MANIFEST_INVALID']);
    expect(await push({ history: [] })).toEqual([400, 'MANIFEST_INVALID']);
    expect(await push({ fsLayers: [{ blobSum: digestOf('1') }, { blobSum: digestOf('2') }] })).toEqual([
      400,
      'MANIFEST_BLOB_UNKNOWN',
      'MANIFEST_BLOB_UNKNOWN',
    ]);
  });
});
