import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { blobStoreContract } from '../../src/adapters/blobs/contract.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { sharedBlobStoreContract } from '../../src/adapters/blobs/sharedContract.js';
import { faultContract } from './faults.js';
import { s3Engine } from './s3.js';

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
