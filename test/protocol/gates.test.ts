import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess } from '../support/registry.js';
import { blob, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, ociImage, ociIndex, pushImage } from '../support/images.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  freshBytes,
  V2Client,
  type Repository,
} from '../support/v2client.js';

let registry: RegistryProcess;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start({ FEATURE_SPARSE_INDEX: 'true', UPLOADS_IN_FLIGHT_LIMIT: '3' });
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
  await pushImage(repository, 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('sparse content', () => {
  it('DS-218 is taken: an image without one of its layers, which is 404 until it is pushed', async () => {
    const missing = freshBytes();
    const absent = { mediaType: OCI_LAYER, digest: digestOf(missing), size: 512 };
    const image = await pushImage(repository, 'sparse', { layers: [await blob(repository, OCI_LAYER), absent] });
    expect((await repository.get('manifests/sparse')).status).toBe(200);
    expect((await repository.get(`blobs/${absent.digest}`)).refusal).toEqual([404, 'BLOB_UNKNOWN']);
    await repository.pushBlob(missing);
    expect((await repository.get(`blobs/${absent.digest}`)).status).toBe(200);
    expectStatus(await repository.delete(`manifests/${image.digest}`), 202);
    expect((await repository.get('manifests/sparse')).status).toBe(404);
  });

  it('DS-218 is taken: an index without one of its children, which is 404 until it is pushed', async () => {
    const there = await pushImage(repository);
    const later = Buffer.from(JSON.stringify(await ociImage(repository)));
    const absent = { mediaType: OCI_MANIFEST, digest: digestOf(later), size: later.byteLength };
    const index = await repository.pushManifest(ociIndex([there, absent]), OCI_INDEX, 'sparse-index');
    expect((await repository.get(`manifests/${absent.digest}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    expectStatus(await repository.putManifest(later, OCI_MANIFEST), 201);
    expect((await repository.get(`manifests/${absent.digest}`)).status).toBe(200);
    expectStatus(await repository.delete(`manifests/${index.digest}`), 202);
    expect((await repository.send('GET', '/v2/')).header('x-sparse-manifest-support')).toBe('true');
  });

  it('still needs the config', async () => {
    const config = { mediaType: 'application/vnd.example', digest: digestOf('absent'), size: 6 };
    const image = JSON.stringify(await ociImage(repository, { config }));
    expect((await repository.putManifest(image, OCI_MANIFEST)).refusal).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
  });
});

describe('an instance', () => {
  it('DS-171 answers 429 with Retry-After to too many uploads at once', async () => {
    const locations: string[] = [];
    let answer = await repository.send('POST', 'blobs/uploads/');
    for (let uploads = 0; uploads < 10 && answer.status === 202; uploads++) {
      const location = answer.header('location') ?? '';
      locations.push(location);
      await repository.patch(location, freshBytes(10));
      answer = await repository.send('POST', 'blobs/uploads/');
    }
    expect(answer.refusal).toEqual([429, 'TOOMANYREQUESTS']);
    expect(Number(answer.header('retry-after'))).toBeGreaterThan(0);
    for (const location of locations) await repository.delete(location);
    expect((await repository.send('POST', 'blobs/uploads/')).status).toBe(202);
  });

  const writes = async (): Promise<(readonly [number, ...string[]])[]> => {
    const location = '/v2/alice/app/blobs/uploads/00000000-0000-4000-8000-000000000000';
    const answers = [
      await repository.send('POST', 'blobs/uploads/'),
      await repository.patch(location, freshBytes()),
      await repository.close(location, digestOf('x')),
      await repository.delete(location),
      await repository.putManifest('{}', OCI_MANIFEST, 'v2'),
      await repository.delete('manifests/v1'),
      await repository.delete(`manifests/${digestOf('x')}`),
      await repository.delete(`blobs/${digestOf('x')}`),
    ];
    return answers.map(({ refusal }) => refusal);
  };

  it.each([{ DISABLE_PUSHES: 'true' }, { REGISTRY_STATE: 'readonly' }])(
    'DS-132 DS-138 DS-142 with %j answers 405 to every write, and goes on serving',
    async (settings) => {
      closeConnections();
      await registry.restart('SIGTERM', { DISABLE_PUSHES: 'false', REGISTRY_STATE: 'normal', ...settings });
      expect(await writes()).toEqual(Array(8).fill([405, 'DENIED']));
      expect((await repository.get('manifests/v1')).status).toBe(200);
      expect((await repository.client.requestToken(['repository:alice/app:push'])).status).toBe(200);
    },
  );

  it('without anonymous access shows nothing to nobody', async () => {
    closeConnections();
    await registry.restart('SIGTERM', {
      ...{ REGISTRY_STATE: 'normal', DISABLE_PUSHES: 'false' },
      ...{
        FEATURE_ANONYMOUS_ACCESS: 'false',
        CREATE_PRIVATE_REPO_ON_PUSH: 'false',
        FEATURE_GENERAL_OCI_SUPPORT: 'false',
      },
    });
    const open = repository.client.repository('alice/open');
    await open.beginUpload();
    const nobody = new V2Client(registry);
    expect((await nobody.repository('alice/open').get('tags/list')).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await nobody.requestToken(['repository:alice/open:pull'])).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await open.putManifest(JSON.stringify(await ociImage(open)), OCI_MANIFEST)).refusal).toEqual([
      415,
      'MANIFEST_INVALID',
    ]);
  });

  it('with nested names off refuses them', async () => {
    closeConnections();
    await registry.restart('SIGTERM', {
      ...{
        FEATURE_EXTENDED_REPOSITORY_NAMES: 'false',
        FEATURE_LIBRARY_SUPPORT: 'false',
        FEATURE_ANONYMOUS_ACCESS: 'true',
      },
      FEATURE_GENERAL_OCI_SUPPORT: 'true',
    });
    const token = await repository.client.token();
    for (const name of ['alice/a/b', 'busybox']) {
      expect((await repository.client.send('GET', `/v2/${name}/tags/list`, { token })).refusal).toEqual([
        400,
        'NAME_INVALID',
      ]);
      expect((await repository.client.requestToken([`repository:${name}:pull`])).refusal).toEqual([
        400,
        'NAME_INVALID',
      ]);
    }
  });
});
