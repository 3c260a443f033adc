import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Clients } from '../support/clients.js';
import { OCI_CONFIG, OCI_MANIFEST } from '../support/images.js';
import { contentsOf, Layout } from '../support/layout.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client, type Repository } from '../support/v2client.js';

const MIB = 1024 * 1024;
/** The most memory that the registry may ever hold, whatever goes through it. */
const MEMORY = 300 * MIB;

let registry: RegistryProcess;
let clients: Clients;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  await registry.createUser('alice');
  clients = await Clients.create();
  repository = new V2Client(registry, 'alice').repository('alice/large');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
  await clients.remove();
});

/** So many bytes, different for each seed, a MiB at a time and never all at once. */
async function* bytesOf(mebibytes: number, seed: Buffer): AsyncIterable<Buffer> {
  for (let number = 0; number < mebibytes; number++) {
    const piece = Buffer.alloc(MIB, seed);
    piece.writeUInt32BE(number);
    yield piece;
    await Promise.resolve();
  }
}

async function digestOfAll(pieces: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of pieces) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}

/** Streams a blob up, as docker and podman do. @returns status of the closing PUT */
async function push(mebibytes: number, seed: Buffer): Promise<{ readonly status: number; readonly digest: string }> {
  const location = await repository.beginUpload();
  const token = (await repository.token()) ?? '';
  const status = new Promise<number | undefined>((resolve, reject) => {
    const url = new URL(location, registry.url);
    const outgoing = request(url, { method: 'PATCH', headers: { Authorization: `Bearer ${token}` } }, (response) => {
      response.resume().once('end', () => {
        resolve(response.statusCode);
      });
    });
    outgoing.once('error', reject);
    pipeline(Readable.from(bytesOf(mebibytes, seed)), outgoing).catch(reject);
  });
  expect(await status).toBe(202);
  const digest = await digestOfAll(bytesOf(mebibytes, seed));
  return { status: (await repository.close(location, digest)).status, digest };
}

/** @returns digest of what came */
function pull(digest: string): Promise<string> {
  return new Promise((resolve, reject) => {
    void repository.token().then((token) => {
      const headers = { Authorization: `Bearer ${token ?? ''}` };
      request(new URL(`/v2/alice/large/blobs/${digest}`, registry.url), { headers }, (response) => {
        digestOfAll(response as AsyncIterable<Buffer>).then(resolve, reject);
      })
        .once('error', reject)
        .end();
    });
  });
}

describe('large blobs', () => {
  it('are pushed and pulled four at a time without growing the registry', async () => {
    const pushed = await Promise.all(Array.from({ length: 4 }, () => push(256, randomBytes(64))));
    expect(pushed.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await Promise.all(pushed.map(({ digest }) => pull(digest)))).toEqual(pushed.map(({ digest }) => digest));
    expect(await registry.peakResidentBytes()).toBeLessThan(MEMORY);
  });

  it('are layers of an image that a client pushes and pulls back byte for byte', async () => {
    const layout = await Layout.create(clients.path('layout'));
    const seed = randomBytes(64);
    const digest = await digestOfAll(bytesOf(200, seed));
    const file = join(layout.folder, 'blobs', 'sha256', digest.slice('sha256:'.length));
    await pipeline(Readable.from(bytesOf(200, seed)), createWriteStream(file));
    const config = await layout.putJson(OCI_CONFIG, {
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: [digest] },
    });
    const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size: (await stat(file)).size };
    const image = await layout.putJson(OCI_MANIFEST, {
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      config,
      layers: [layer],
    });
    await layout.name('v1', image);

    await clients.login('regctl', registry.host, 'alice');
    await clients.run('regctl', ['image', 'copy', `ocidir://${layout.folder}:v1`, `${registry.host}/alice/large:v1`]);
    await clients.run('regctl', [
      'image',
      'copy',
      `${registry.host}/alice/large:v1`,
      `ocidir://${clients.path('back')}:v1`,
    ]);
    expect(await contentsOf(clients.path('back'))).toEqual(await contentsOf(layout.folder));
    expect(await registry.peakResidentBytes()).toBeLessThan(MEMORY);
  });
});
