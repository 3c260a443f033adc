import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_INDEX, OCI_MANIFEST, ociImage, ociIndex, pushImage } from '../support/images.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  freshBytes,
  V2Client,
  type Repository,
} from '../support/v2client.js';

let registry: ControlledRegistry;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const statusOf = async (path: string): Promise<number> => {
  const [get, head] = [await repository.get(path), await repository.head(path)];
  expect(head.status).toBe(get.status);
  return get.status;
};
const tags = async (): Promise<string[]> => (await repository.get('tags/list')).json<{ tags: string[] }>().tags;

describe('DELETE of a tag', () => {
  it('DS-131 DS-201 DS-130 answers 202; the tag is gone at once, the manifest and its other tags are not', async () => {
    const { digest } = await pushImage(repository, 'one');
    const bytes = (await repository.get('manifests/one')).body;
    await repository.putManifest(bytes, OCI_MANIFEST, 'two');
    const answer = await repository.delete('manifests/one');
    expect([answer.status, answer.header('content-length')]).toEqual([202, '0']);
    expect(await statusOf('manifests/one')).toBe(404);
    expect(await tags()).not.toContain('one');
    expect(await statusOf('manifests/two')).toBe(200);
    expect(await statusOf(`manifests/${digest}`)).toBe(200);
    expect((await repository.get('manifests/one')).errors[0]).toMatchObject({
      code: 'MANIFEST_UNKNOWN',
      message: 'Tag one was deleted or has expired. To pull, revive via time machine',
    });
  });

  it('answers 404 for a tag that is not there', async () => {
    expect((await repository.delete('manifests/none')).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    await pushImage(repository, 'twice');
    await repository.delete('manifests/twice');
    expect((await repository.delete('manifests/twice')).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  it('takes the manifest with its last tag, if nothing else holds it', async () => {
    const { digest } = await pushImage(repository, 'only');
    await repository.delete('manifests/only');
    expect(await statusOf(`manifests/${digest}`)).toBe(404);
  });
});

describe('DELETE of a manifest', () => {
  it('DS-133 DS-172 DS-201 answers 202; the manifest and every tag on it are gone at once', async () => {
    const bytes = JSON.stringify(await ociImage(repository));
    const digest = digestOf(bytes);
    await repository.putManifest(bytes, OCI_MANIFEST, `${digest}?tag=x&tag=y`);
    await repository.putManifest(bytes, OCI_MANIFEST, 'z');
    expect((await repository.delete(`manifests/${digest}`)).status).toBe(202);
    for (const reference of [digest, 'x', 'y', 'z']) expect(await statusOf(`manifests/${reference}`)).toBe(404);
    expect((await tags()).filter((tag) => ['x', 'y', 'z'].includes(tag))).toEqual([]);
    expect((await repository.delete(`manifests/${digest}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
  });

  it('DS-201 ends what was pushed by digest alone, under either algorithm', async () => {
    const bytes = JSON.stringify(await ociImage(repository));
    for (const algorithm of ['sha256', 'sha512'] as const) {
      await repository.putManifest(bytes, OCI_MANIFEST, digestOf(bytes, algorithm));
    }
    expect((await repository.delete(`manifests/${digestOf(bytes, 'sha512')}`)).status).toBe(202);
    expect(await statusOf(`manifests/${digestOf(bytes, 'sha512')}`)).toBe(404);
    expect(await statusOf(`manifests/${digestOf(bytes)}`)).toBe(200);
  });

  it('DS-222 is undone by the next push', async () => {
    const layer = freshBytes();
    const bytes = JSON.stringify(
      await ociImage(repository, {
        layers: [{ mediaType: 'a/b', digest: await repository.pushBlob(layer), size: 512 }],
      }),
    );
    for (const reference of ['again', digestOf(bytes)]) {
      expectStatus(await repository.putManifest(bytes, OCI_MANIFEST, reference), 201);
      expectStatus(await repository.delete(`manifests/${digestOf(bytes)}`), 202);
      expectStatus(await repository.delete(`blobs/${digestOf(layer)}`), 202);
      expect(await statusOf(`blobs/${digestOf(layer)}`)).toBe(404);
      expect((await repository.putManifest(bytes, OCI_MANIFEST, reference)).refusal).toEqual([
        400,
        'MANIFEST_BLOB_UNKNOWN',
      ]);
      await repository.pushBlob(layer);
      expect(await statusOf(`blobs/${digestOf(layer)}`)).toBe(200);
      expectStatus(await repository.putManifest(bytes, OCI_MANIFEST, reference), 201);
      expect(await statusOf(`manifests/${reference}`)).toBe(200);
    }
  });

  it('answers 405 for the child of an index, whose tag can still go', async () => {
    const child = await pushImage(repository, 'child');
    const index = await repository.pushManifest(ociIndex([child]), OCI_INDEX, 'parent');
    const refused = await repository.delete(`manifests/${child.digest}`);
    expect(refused.refusal).toEqual([405, 'DENIED']);
    expect((await repository.delete('manifests/child')).status).toBe(202);
    expect(await statusOf(`manifests/${child.digest}`)).toBe(200);
    expect((await repository.delete(`manifests/${index.digest}`)).status).toBe(202);
    expect(await statusOf(`manifests/${index.digest}`)).toBe(404);
  });

  it('DS-134 answers 404 where the repository or the manifest is missing', async () => {
    const missing = repository.client.repository('alice/missing');
    expect((await missing.delete(`manifests/${digestOf('x')}`)).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await missing.delete('manifests/v1')).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await missing.delete(`blobs/${digestOf('x')}`)).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await repository.delete(`manifests/${digestOf('x')}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
  });
});

describe('DELETE of a blob', () => {
  it('DS-140 DS-201 answers 202; the blob is gone from this repository at once', async () => {
    const bytes = freshBytes();
    const other = repository.client.repository('alice/other');
    const digest = await repository.pushBlob(bytes);
    await other.pushBlob(bytes);
    expect((await repository.delete(`blobs/${digest}`)).status).toBe(202);
    expect(await statusOf(`blobs/${digest}`)).toBe(404);
    expect((await other.get(`blobs/${digest}`)).status).toBe(200);
  });

  it('DS-141 answers 404 for a blob that is not there', async () => {
    expect((await repository.delete(`blobs/${digestOf('none')}`)).refusal).toEqual([404, 'BLOB_UNKNOWN']);
  });

  it('answers 405 while a manifest names it', async () => {
    const digest = await repository.pushBlob(freshBytes());
    const layers = [{ mediaType: 'a/b', digest, size: 512 }];
    const image = await pushImage(repository, 'named', { layers });
    expect((await repository.delete(`blobs/${digest}`)).refusal).toEqual([405, 'DENIED']);
    expectStatus(await repository.delete(`manifests/${image.digest}`), 202);
    expect([202, 404]).toContain((await repository.delete(`blobs/${digest}`)).status);
    expect(await statusOf(`blobs/${digest}`)).toBe(404);
  });
});
