import { afterAll, it } from '@jest/globals';
import '../support/patience.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { blobFaultContract } from './blobFaults.js';
import { gcsEngine } from './gcs.js';
import { googleStorage } from './storages.js';
import { Toxiproxy } from './toxiproxy.js';

const [engine, network] = [await gcsEngine(), await Toxiproxy.start()];

if (engine?.settings.endpoint !== undefined && network) {
  const { settings, own } = engine;
  blobFaultContract('Cloud Storage', network, {
    endpoint: engine.settings.endpoint,
    impatient: (endpoint) => new GcsObjects({ ...settings, endpoint, timeoutSeconds: 1 }),
    storage: (endpoint, path) => googleStorage({ ...settings, endpoint }, path),
    own,
  });
} else {
  it.skip('blobs while Cloud Storage fails: there is no such server of our own, or no toxiproxy', () => undefined);
}

afterAll(async () => {
  await network?.stop();
  await engine?.stop();
});
