import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { blobStoreContract } from '../../src/adapters/blobs/contract.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { sharedBlobStoreContract } from '../../src/adapters/blobs/sharedContract.js';
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
} else {
  it.skip('the blob store on Google Cloud Storage: there is no such server', () => undefined);
}
