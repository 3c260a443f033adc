import { randomBytes, randomUUID } from 'node:crypto';
import { CreateMultipartUploadCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { blobStoreContract } from '../../src/adapters/blobs/contract.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { sharedBlobStoreContract } from '../../src/adapters/blobs/sharedContract.js';
import { faultContract } from './faults.js';
import { clientSettings, s3Engine } from './s3.js';

const engine = await s3Engine();

const close = (): Promise<void> => Promise.resolve();

if (engine) {
  const { settings } = engine;
  const objects = new S3Objects(settings);
  const joining = new S3Objects({ ...settings, joinsItself: false });
  afterAll(() => engine.stop());
  blobStoreContract('S3', () => Promise.resolve({ store: new ObjectBlobStore(objects, randomUUID()), close }));
  blobStoreContract('S3 that copies nothing by itself, at the top of its bucket', () =>
    Promise.resolve({ store: new ObjectBlobStore(joining, ''), close }),
  );
  sharedBlobStoreContract('S3', () => {
    const path = `/there/${randomUUID()}`;
    return Promise.resolve({
      stores: [new ObjectBlobStore(objects, path), new ObjectBlobStore(new S3Objects(settings), path)],
      close,
    });
  });
  it('gives an address that anybody can read from for a while, whole or a range', async () => {
    const store = new ObjectBlobStore(objects, randomUUID());
    const bytes = randomBytes(1000);
    const key = keyOf(bytes);
    await store.put(key, bytes);
    const url = (await store.link?.(key, 60)) ?? '';
    const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect([answer.status, Buffer.from(await answer.arrayBuffer())]).toEqual([206, bytes.subarray(10, 20)]);
    expect((await fetch(url.replace(/X-Amz-Signature=[0-9a-f]{4}/, 'X-Amz-Signature=0000'))).status).toBe(403);
  });

  it('ends multipart uploads that nobody ended, a day later', async () => {
    const path = randomUUID();
    const store = new ObjectBlobStore(objects, path);
    const client = new S3Client(clientSettings(settings));
    await client.send(new CreateMultipartUploadCommand({ Bucket: settings.bucket, Key: `${path}/sha256/left` }));
    expect(await store.sweepLeftovers(Date.now())).toBe(0);
    expect(await store.sweepLeftovers(Date.now() + 25 * 60 * 60 * 1000)).toBe(1);
    expect(await store.sweepLeftovers(Date.now() + 25 * 60 * 60 * 1000)).toBe(0);
    client.destroy();
  });

  it('proves that it can be used, and says in one line why not', async () => {
    await expect(new ObjectBlobStore(objects, randomUUID()).prove()).resolves.toBeUndefined();
    const wrong = [
      [{ bucket: 'not-there' }, /bucket/i],
      [{ credentials: { accessKeyId: 'tidemark', secretAccessKey: 'wrong' } }, /signature/i],
      [{ endpoint: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
    ] as const;
    for (const [change, reason] of wrong) {
      const proving = new ObjectBlobStore(new S3Objects({ ...settings, ...change }), randomUUID()).prove();
      await expect(proving).rejects.toThrow(reason);
      await expect(proving).rejects.toThrow(/^[^\n]+$/);
    }
  });

  if (settings.endpoint !== undefined) {
    faultContract(
      'S3',
      { endpoint: settings.endpoint, at: (endpoint) => engine.at(endpoint), removesOnCondition: true },
      {
        piece: ({ method, url }, index) =>
          method === 'PUT' &&
          /\/uploads\/[^/]+\/[^/.]+\.\d+/.test(url) &&
          (index === undefined || url.includes(`.${index}`)),
        state: ({ method, url }) => method === 'PUT' && /\/state\b/.test(url),
        join: ({ method, url }) => method === 'POST' && url.includes('uploadId='),
        read: ({ method, url }) => method === 'GET' && url.includes('/sha256/'),
      },
    );
  }
} else {
  it.skip('the blob store on S3: there is no S3 server', () => undefined);
}
