import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { gcsEngine } from './gcs.js';
import { redirectContract } from './redirects.js';
import { s3Engine } from './s3.js';
import { googleStorage, radosStorage, s3Storage } from './storages.js';

const [s3, gcs] = [await s3Engine(), await gcsEngine()];

if (s3) {
  const [path, other] = [randomUUID(), `/there/${randomUUID()}`];
  const objects = new S3Objects(s3.settings);
  redirectContract('S3Storage', s3Storage(s3.settings, path), new ObjectBlobStore(objects, path));
  redirectContract('RadosGWStorage', radosStorage(s3.settings, other), new ObjectBlobStore(objects, other));
  afterAll(() => s3.stop());
} else {
  it.skip('downloads from S3: there is no S3 server', () => undefined);
}

if (gcs) {
  // Where the server asks nobody who he is, nothing is signed: what signed addresses look like is tested with the store.
  const path = randomUUID();
  const there = new ObjectBlobStore(new GcsObjects(gcs.settings), path);
  redirectContract('GoogleCloudStorage', googleStorage(gcs.settings, path), there);
  afterAll(() => gcs.stop());
} else {
  it.skip('downloads from Google Cloud Storage: there is no such server', () => undefined);
}
