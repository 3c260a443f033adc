import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CHECKPOINTS as CONSUMER_PLACES } from '../../src/adapters/bus/groupCheckpoint.js';
import { BLOB_MARKER } from '../../src/commands/markedPlace.js';
import { COPIED_RECORDS } from '../../src/commands/migration/records.js';
import { PLACES } from '../../src/composition/movedPlaces.js';
import { pushImage } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections } from '../support/v2client.js';
import { furnishRegistry, shown } from './registryContent.js';
import { collectionsIn } from './holdings.js';

/**
 * They mean nothing elsewhere: who does what just now, how far read models and relays are in this log, and with what the
 * place of its blobs is marked.
 */
const LEFT_BEHIND = [BLOB_MARKER, 'leases', 'projector-requests', 'read-models', 'relay'];

let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start({ AUDIT_PULLS_STRICT: 'true' });
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

it('a registry that was moved answers as before, to those who came before, too', async () => {
  const { boss, ada, app, layer, session, last } = await furnishRegistry(registry);
  const before = await shown(ada, boss);

  const source = registry.dataPath;
  const [target, file] = [join(source, '..', 'copy'), join(source, '..', 'copy.yaml')];
  writeFileSync(file, `DATA_PATH: ${target}\n`);
  await expect(registry.run(['migrate', '--to', file])).rejects.toThrow(
    `the data folder ${source} is in use by another process`,
  );
  await registry.restart('SIGTERM', { DATA_PATH: join(source, '..', 'elsewhere') });
  // A collection that nobody thought of when moving would be lost.
  const known = new Set(['contents', ...COPIED_RECORDS, ...PLACES, CONSUMER_PLACES, ...LEFT_BEHIND]);
  expect(collectionsIn(source).filter((collection) => !known.has(collection))).toEqual([]);
  const report = JSON.parse(await registry.run(['migrate', '--to', file, '--json'], '', { DATA_PATH: source })) as {
    events: number;
  };
  expect(report).toMatchObject({ verified: true, damaged: [], copiedEvents: report.events });
  await registry.restart('SIGTERM', { DATA_PATH: target });

  // The very same clients: their tokens and sessions hold.
  expect(await shown(ada, boss)).toEqual(before);
  expect((await app.get(`blobs/${layer.digest}`)).body.equals(layer.bytes)).toBe(true);
  expect((await app.get(`manifests/${last.digest}`)).status).toBe(200);
  expect((await app.send('GET', session)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  await pushImage(app, 'v3');
  expect(await registry.run(['events', 'verify', '--json'])).toContain('"ok":true');
  expect(await registry.run(['projections', 'verify'])).not.toContain('differs');
});
