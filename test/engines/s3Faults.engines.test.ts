import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { blobFaultContract } from './blobFaults.js';
import { s3Engine } from './s3.js';
import { s3Storage } from './storages.js';
import { Toxiproxy } from './toxiproxy.js';

const [engine, network] = [await s3Engine(), await Toxiproxy.start()];

if (engine?.settings.endpoint !== undefined && network) {
  const { settings, own } = engine;
  blobFaultContract('S3', network, {
    endpoint: engine.settings.endpoint,
    impatient: (endpoint) => new S3Objects({ ...settings, endpoint, timeoutSeconds: 1 }),
    storage: (endpoint, path) => s3Storage({ ...settings, endpoint }, path),
    own,
  });
} else {
  it.skip('blobs while S3 fails: there is no S3 server, or no toxiproxy', () => undefined);
}

afterAll(async () => {
  await network?.stop();
  await engine?.stop();
});
