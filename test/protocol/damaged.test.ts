import { once } from 'node:events';
import { mkdir, open, readdir, readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { blob, ociImage, OCI_LAYER, OCI_MANIFEST } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, digestOf, FLOWS, freshBytes, V2Client, type Repository } from '../support/v2client.js';

/** More than what lies in the log's own file. */
const SIZE = 200_000;

let registry: RegistryProcess;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** The only file of a content. */
const fileOf = async (digest: string): Promise<string> => {
  const [algorithm = '', hex = ''] = digest.split(':');
  const folder = join(registry.dataPath, 'blobs', algorithm, hex.slice(0, 2), hex);
  const names = await readdir(folder);
  expect(names).toHaveLength(1);
  return join(folder, ...names);
};
const damages: readonly (readonly [string, (digest: string) => Promise<void>])[] = [
  ['gone', async (digest) => rm(await fileOf(digest))],
  ['cut off', async (digest) => truncate(await fileOf(digest), 1_000)],
];
const alter = async (digest: string): Promise<void> => {
  const file = await open(await fileOf(digest), 'r+');
  await file.write('?', 1_000);
  await file.close();
};
const told = (digest: string): number =>
  registry.output.split('\n').filter((line) => line.includes('damaged') && line.includes(digest)).length;
const statusOf = async (digest: string): Promise<number> => (await repository.head(`blobs/${digest}`)).status;

describe.each(damages)('a blob whose file is %s', (_how, damage) => {
  it('is unknown once somebody asked for it, which is told once, and mended by the next push', async () => {
    const bytes = freshBytes(SIZE);
    const digest = await repository.pushBlob(bytes);
    await damage(digest);
    for (const headers of [{}, { Range: 'bytes=5000-6000' }]) {
      expect((await repository.get(`blobs/${digest}`, headers)).refusal).toEqual([404, 'BLOB_UNKNOWN']);
    }
    expect([await statusOf(digest), told(digest)]).toEqual([404, 1]);

    await repository.pushBlob(bytes);
    expect(await statusOf(digest)).toBe(200);
    expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
    expect(told(digest)).toBe(1);
  });

  it.each(FLOWS)('is mended by a push that nobody has asked before: %s', async (flow) => {
    const bytes = freshBytes(SIZE);
    const digest = await repository.pushBlob(bytes);
    await damage(digest);
    await repository.pushBlob(bytes, 'sha256', flow);
    expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
  });

  it('is not mounted elsewhere: its bytes are to come with the push', async () => {
    const bytes = freshBytes(SIZE);
    const digest = await repository.pushBlob(bytes);
    const target = repository.client.repository('alice/target');
    await target.pushBlob('{}');
    await damage(digest);
    const token = await repository.client.token('repository:alice/app:pull', 'repository:alice/target:pull,push');
    const mount = `blobs/uploads/?mount=${digest}&from=alice/app`;
    expect((await target.send('POST', mount, { token })).status).toBe(202);
    expect(await statusOf(digest)).toBe(404);
    // Whoever brings them mends them for all.
    await target.pushBlob(bytes);
    expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
  });

  it('is named by no new manifest before it was pushed again', async () => {
    const bytes = freshBytes(SIZE);
    const layer = await blob(repository, OCI_LAYER, bytes);
    const image = JSON.stringify(await ociImage(repository, { layers: [layer] }));
    await damage(layer.digest);
    await repository.get(`blobs/${layer.digest}`);
    expect((await repository.putManifest(image, OCI_MANIFEST)).refusal).toEqual([400, 'MANIFEST_BLOB_UNKNOWN']);
    await repository.pushBlob(bytes);
    expect((await repository.putManifest(image, OCI_MANIFEST)).status).toBe(201);
  });
});

it('a manifest whose file is gone is unknown, and mended by the next push', async () => {
  const image = JSON.stringify(await ociImage(repository, { annotations: { long: 'x'.repeat(100_000) } }));
  expect((await repository.putManifest(image, OCI_MANIFEST, 'long')).status).toBe(201);
  await rm(await fileOf(digestOf(image)));
  // What was read before is in memory.
  await registry.restart();
  for (const reference of ['long', digestOf(image)]) {
    expect((await repository.get(`manifests/${reference}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
  }
  expect((await repository.putManifest(image, OCI_MANIFEST, 'long')).status).toBe(201);
  expect((await repository.get('manifests/long')).text).toBe(image);
});

it('a blob that was altered is found by who verifies all, and mended by the next push', async () => {
  const bytes = freshBytes(SIZE);
  const digest = await repository.pushBlob(bytes);
  expect(await statusOf(digest)).toBe(200);
  await alter(digest);
  // Beside the registry that serves, which knows of it at once.
  const said = await registry.run(['contents', 'verify', '--json']).then(
    (output) => output,
    (error: unknown) => String(error),
  );
  expect(said).toContain('ended with 1');
  expect(said).toContain(JSON.stringify({ digest, reason: 'altered', detail: null }));
  expect([await statusOf(digest), told(digest)]).toEqual([404, 1]);

  await repository.pushBlob(bytes);
  expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
  expect(await registry.run(['contents', 'verify'])).not.toContain(digest);
});

describe('where the place of the blobs is not mounted', () => {
  const blobs = (): string => join(registry.dataPath, 'blobs');
  const away = (): string => join(registry.dataPath, 'unmounted');
  const unmount = async (): Promise<void> => {
    await rename(blobs(), away());
    for (const folder of ['uploads', 'temporary']) await mkdir(join(blobs(), folder), { recursive: true });
  };
  const mount = async (): Promise<void> => {
    await rm(blobs(), { recursive: true });
    await rename(away(), blobs());
  };

  it('is neither read nor pushed what is known, and all is as it was when it is there again', async () => {
    const bytes = freshBytes(SIZE);
    const digest = await repository.pushBlob(bytes);
    const file = await fileOf(digest);
    await unmount();
    try {
      expect((await repository.get(`blobs/${digest}`)).status).toBe(503);
      for (const flow of FLOWS) await expect(repository.pushBlob(bytes, 'sha256', flow)).rejects.toThrow('503');
      await expect(registry.run(['contents', 'verify'])).rejects.toThrow();
    } finally {
      await mount();
    }
    expect(told(digest)).toBe(0);
    expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
    expect(await fileOf(digest)).toBe(file);
  });

  it('does not start', async () => {
    const digest = await repository.pushBlob(freshBytes(SIZE));
    const ended = once(registry.child, 'exit');
    registry.child.kill('SIGTERM');
    await ended;
    await unmount();
    const marker = (await readFile(join(away(), 'marker', 'id'))).toString();
    const refused =
      'the place of the blobs lacks its marker though contents were stored there: is it mounted? ' +
      `If they are lost for good, store there, as marker/id, the text ${marker}\n`;
    await expect(registry.run(['serve'])).rejects.toThrow(refused);
    await mount();
    await registry.restart();
    expect(await statusOf(digest)).toBe(200);
  });
});

it('what is stored is verified also where nobody serves', async () => {
  const bytes = freshBytes(SIZE);
  const digest = await repository.pushBlob(bytes);
  const ended = once(registry.child, 'exit');
  registry.child.kill('SIGTERM');
  await ended;
  await alter(digest);
  await expect(registry.run(['contents', 'verify'])).rejects.toThrow(digest);
});
