import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { artifact, blob, OCI_INDEX, OCI_MANIFEST, ociIndex, pushImage } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, digestOf, expectStatus, V2Client, type Repository } from '../support/v2client.js';

let registry: RegistryProcess;
let ada: ApiClient;
let bob: ApiClient;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  for (const name of ['ada', 'bob']) await registry.createUser(name);
  ada = await ApiClient.signedIn(registry, 'ada');
  bob = await ApiClient.signedIn(registry, 'bob');
  repository = new V2Client(registry, 'ada').repository('ada/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const pathOf = (digest: string): string => `/api/v1/repository/ada/app/manifest/${digest}`;
const EMPTY_LAYER = 'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';

describe('a manifest', () => {
  it('is shown with the steps that made it', async () => {
    const { digest } = await pushBusybox(repository, 'steps', { bytes: 1_000 });
    const stored = expectStatus(await repository.get(`manifests/${digest}`), 200);
    const { layers } = stored.json<{ layers: { digest: string }[] }>();
    expect((await ada.get(pathOf(digest))).both).toEqual([
      200,
      {
        ...{ digest, is_manifest_list: false, manifest_data: stored.text },
        config_media_type: 'application/vnd.oci.image.config.v1+json',
        layers_compressed_size: 1_000,
        layers: [
          {
            ...{ index: 0, compressed_size: 1_000, is_remote: false, urls: null, blob_digest: layers[0]?.digest },
            ...{ command: ['BusyBox 1.36.1 (glibc), Debian 12'], comment: null, author: 'somebody' },
            created_datetime: 'Thu, 18 May 2023 22:34:17 -0000',
          },
          {
            ...{ index: 1, compressed_size: 32, is_remote: false, urls: null, blob_digest: EMPTY_LAYER },
            ...{ command: ['CMD', 'sh'], comment: 'a command', author: null },
            created_datetime: 'Thu, 18 May 2023 22:34:18 -0000',
          },
        ],
      },
    ]);
  });

  it('that is an index has no layers; its children are shown by themselves', async () => {
    const child = await repository.pushManifest(await artifact(repository, 'example/one'), OCI_MANIFEST);
    const unled = await ada.get(pathOf(child.digest));
    expect(unled.status).toBe(404);
    const { digest } = await repository.pushManifest(ociIndex([child]), OCI_INDEX, 'index');
    expect((await ada.get(pathOf(digest))).body).toMatchObject({
      ...{ digest, is_manifest_list: true, layers: null, layers_compressed_size: 0, config_media_type: null },
    });
    expect((await ada.get(pathOf(child.digest))).status).toBe(200);
  });

  it('that is no image has its layers, of which nothing more is known', async () => {
    const readme = await blob(repository, 'text/markdown', '# Read me');
    const foreign = {
      ...{ mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', size: 7 },
      ...{ digest: digestOf('elsewhere'), urls: ['https://example.org/layer'] },
    };
    const { digest } = await pushImage(repository, 'artifact', { layers: [readme, foreign] });
    const nothing = { command: null, comment: null, author: null, created_datetime: null };
    expect((await ada.get(pathOf(digest))).json<{ layers: object[] }>().layers).toEqual([
      { index: 0, compressed_size: 9, is_remote: false, urls: null, blob_digest: readme.digest, ...nothing },
      { index: 1, compressed_size: 7, is_remote: true, urls: foreign.urls, blob_digest: foreign.digest, ...nothing },
    ]);
  });

  it('of a model has a card, for who asks for it', async () => {
    const card = '# A model\n';
    const layers = [
      { ...(await blob(repository, 'application/gguf', 'weights')) },
      {
        ...(await blob(repository, 'text/markdown', card)),
        annotations: { 'org.opencontainers.image.title': 'README.md' },
      },
    ];
    const document = await artifact(repository, 'application/x-mlmodel', { layers });
    const { digest } = await repository.pushManifest(document, OCI_MANIFEST, 'model');
    expect((await ada.get(`${pathOf(digest)}?include_modelcard=true`)).body).toMatchObject({ modelcard: card });
    expect((await ada.get(pathOf(digest))).body).not.toHaveProperty('modelcard');
    const plain = await repository.pushManifest(
      await artifact(repository, 'example/two', { layers }),
      OCI_MANIFEST,
      'two',
    );
    expect((await ada.get(`${pathOf(plain.digest)}?include_modelcard=true`)).body).not.toHaveProperty('modelcard');
  });

  it('is not found where no living tag leads to it', async () => {
    const { digest } = await pushBusybox(repository, 'gone', { bytes: 10 });
    expectStatus(await repository.delete('manifests/gone'), 202);
    for (const path of [pathOf(digest), `${pathOf(digest)}/labels`, pathOf(digestOf('nothing')), pathOf('md5:abc')]) {
      const answer = await ada.get(path);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ title: 'not_found' });
    }
    expect((await bob.get(pathOf(digest))).status).toBe(403);
  });
});

describe('labels', () => {
  const add = (digest: string, label: object, client = ada): Promise<ApiAnswer> =>
    client.post(`${pathOf(digest)}/labels`, { key: 'stage', value: 'test', media_type: null, ...label });

  it('are refused in the words of the contract', async () => {
    const { digest } = await pushBusybox(repository, 'labels', { bytes: 20 });
    const reserved = [400, { message: 'Label has a reserved prefix' }];
    expect((await add(digest, { key: 'com.docker.x' })).both).toEqual(reserved);
    // Before it is looked at whether there is such a manifest.
    expect((await add(digestOf('nothing'), { key: 'quay.expires-after' })).both).toEqual(reserved);
    expect((await add(digestOf('nothing'), {})).status).toBe(404);
    const message =
      'Label is of an invalid format or missing please use ^[a-z0-9](([a-z0-9]|[-.](?![.-]))*[a-z0-9])?$ format for labels';
    for (const key of ['', 'Upper', 'a..b', 'x'.repeat(256)])
      expect((await add(digest, { key })).both).toEqual([400, { message }]);
    expect((await add(digest, { media_type: 'text/html' })).status).toBe(400);
    expect((await ada.post(`${pathOf(digest)}/labels`, { key: 'a', value: 'b' })).body).toMatchObject({
      detail: "'media_type' is a required property",
    });
    expect((await add(digest, {}, bob)).status).toBe(403);
  });

  it('may have the same key, are filtered by its beginning, and tell what their value is', async () => {
    const { digest } = await pushBusybox(repository, 'same', { bytes: 30 });
    for (const value of ['one', '{"two": 2}'])
      expect((await add(digest, { key: 'example.stage', value })).status).toBe(201);
    const found = (await ada.get(`${pathOf(digest)}/labels?filter=EXAMPLE.`)).json<{ labels: object[] }>().labels;
    expect(found).toMatchObject([
      { key: 'example.stage', value: 'one', source_type: 'api', media_type: 'text/plain' },
      { key: 'example.stage', value: '{"two": 2}', source_type: 'api', media_type: 'application/json' },
    ]);
    expect((await ada.get(`${pathOf(digest)}/labels?filter=org.`)).json<{ labels: object[] }>().labels).toHaveLength(2);
  });

  it('that came with the manifest stay with it', async () => {
    const { digest } = await pushBusybox(repository, 'own', { bytes: 40 });
    const [own] = (await ada.get(`${pathOf(digest)}/labels`)).json<{ labels: { id: string }[] }>().labels;
    const one = `${pathOf(digest)}/labels/${own?.id ?? ''}`;
    expect((await ada.delete(one)).both).toEqual([400, { message: 'Cannot delete immutable label' }]);
    expect((await bob.delete(one)).status).toBe(403);
    expect((await ada.delete(`${pathOf(digest)}/labels/none`)).status).toBe(404);
    // The same id for as long as the manifest is there, whoever pushes it again.
    await pushBusybox(repository, 'own', { bytes: 40 });
    expect((await ada.get(one)).body).toEqual(own);
  });
});
