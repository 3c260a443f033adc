import { randomUUID } from 'node:crypto';
import { afterAll, it } from '@jest/globals';
import { gcsEngine } from './gcs.js';
import { googleStorage } from './storages.js';

/* The protocol's own tests, on a registry that keeps its blobs elsewhere. */

const engine = await gcsEngine();

if (engine) {
  process.env['TIDEMARK_TEST_STORAGE'] = googleStorage(engine.settings, randomUUID());
  await import('../protocol/push.test.js');
  await import('../protocol/chunks.test.js');
  await import('../protocol/pull.test.js');
  // After theirs, which stop the registries.
  afterAll(() => engine.stop());
} else {
  it.skip('the protocol on a registry with its blobs elsewhere: there is no such engine', () => undefined);
}
