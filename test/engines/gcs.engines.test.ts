import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { blobStoreContract } from '../../src/adapters/blobs/contract.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { chunksOf, everyOf, freshUpload, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { sharedBlobStoreContract } from '../../src/adapters/blobs/sharedContract.js';
import { faultContract } from './faults.js';
import { FaultyProxy } from './faultyProxy.js';
import { gcsEngine } from './gcs.js';

const engine = await gcsEngine();

const close = (): Promise<void> => Promise.resolve();

if (engine) {
  const { settings } = engine;
  const objects = new GcsObjects(settings);
  afterAll(() => engine.stop());
  blobStoreContract('Google Cloud Storage', () =>
    Promise.resolve({ store: new ObjectBlobStore(objects, randomUUID()), close }),
  );
  sharedBlobStoreContract('Google Cloud Storage', () => {
    const path = `/there/${randomUUID()}`;
    return Promise.resolve({
      stores: [new ObjectBlobStore(objects, path), new ObjectBlobStore(new GcsObjects(settings), path)],
      close,
    });
  });
  it('joins any number of pieces, in their order, and leaves nothing beside them', async () => {
    const tiny = new GcsObjects({ ...settings, pieceBytes: 16 });
    const path = randomUUID();
    const store = new ObjectBlobStore(tiny, path);
    // More than 32 times 32: three rounds.
    const bytes = randomBytes(1_030 * 16 + 5);
    const upload = freshUpload();
    await store.append(upload, 0, chunksOf(bytes));
    const key = keyOf(bytes);
    await store.finish(upload, key, bytes.byteLength);
    expect(Buffer.compare(await store.read(key), bytes)).toBe(0);
    expect(await everyOf(tiny.list(`${path}/`))).toHaveLength(1);
  });

  it('gives an address that anybody can read from for a while, whole or a range', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const account = { email: 'registry@tidemark.iam.gserviceaccount.com', privateKey: pem };
    const signing = new GcsObjects({ ...settings, account: settings.endpoint === undefined ? undefined : account });
    const bytes = randomBytes(1000);
    const path = randomUUID();
    const key = keyOf(bytes);
    await new ObjectBlobStore(objects, path).put(key, bytes);
    const url = (await new ObjectBlobStore(signing, path).link?.(key, 60)) ?? '';
    expect(url).toMatch(/X-Goog-Expires=60.*X-Goog-Signature=[0-9a-f]{512}/);
    const answer = await fetch(url, { headers: { range: 'bytes=10-19' } });
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes.subarray(10, 20));
    expect(new ObjectBlobStore(objects, path, { links: false }).link).toBeUndefined();
  });

  if (settings.endpoint !== undefined) {
    it('is refused at the start if it passes over conditions', async () => {
      const proxy = await FaultyProxy.before(new URL(settings.endpoint ?? ''));
      const store = new ObjectBlobStore(engine.at(proxy.url), randomUUID());
      await expect(store.prove()).resolves.toBeUndefined();
      proxy.plan(({ method }) => method === 'POST', { kind: 'without', parameter: 'ifGenerationMatch' }, Infinity);
      await expect(store.prove()).rejects.toThrow('ignores conditions on writes');
      await proxy.stop();
    });

    const named = (url: string): string => new URL(url, 'http://engine').searchParams.get('name') ?? '';
    faultContract(
      'Google Cloud Storage',
      // The server that stands for it here passes over conditions on removing.
      { endpoint: settings.endpoint, at: (endpoint) => engine.at(endpoint), removesOnCondition: false },
      {
        piece: ({ method, url }, index) =>
          method === 'POST' && /\.\d+$/.test(named(url)) && (index === undefined || named(url).endsWith(`.${index}`)),
        state: ({ method, url }) => method === 'POST' && named(url).endsWith('/state'),
        join: ({ method, url }) => method === 'POST' && url.includes('/compose'),
        read: ({ method, url }) => method === 'GET' && url.includes('/sha256/') && url.includes('alt=media'),
      },
    );
  }
} else {
  it.skip('the blob store on Google Cloud Storage: there is no such server', () => undefined);
}
