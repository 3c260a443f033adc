import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { blobStoreContract } from '../../src/adapters/blobs/contract.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { sharedBlobStoreContract } from '../../src/adapters/blobs/sharedContract.js';
import { faultContract } from './faults.js';
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
  if (settings.endpoint !== undefined) {
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
