import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { gcsEngine } from './gcs.js';
import { redirectContract } from './redirects.js';
import { s3Engine } from './s3.js';
import { googleStorage, radosStorage, s3Storage } from './storages.js';

const [s3, gcs] = [await s3Engine(), await gcsEngine()];

if (s3) {
  redirectContract('S3Storage', s3Storage(s3.settings, randomUUID()));
  redirectContract('RadosGWStorage', radosStorage(s3.settings, `/there/${randomUUID()}`));
  afterAll(() => s3.stop());
} else {
  it.skip('downloads from S3: there is no S3 server', () => undefined);
}

if (gcs) {
  // Where the server asks nobody who he is, nothing is signed: what signed addresses look like is tested with the store.
  redirectContract('GoogleCloudStorage', googleStorage(gcs.settings, randomUUID()));
  afterAll(() => gcs.stop());
} else {
  it.skip('downloads from Google Cloud Storage: there is no such server', () => undefined);
}
