import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { COPIED_RECORDS } from '../../src/commands/migration/records.js';
import { placeRecords } from '../../src/composition/migration.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, freshBytes, V2Client, type Repository } from '../support/v2client.js';
import { collectionsIn } from './holdings.js';

let registry: RegistryProcess;
let app: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start({ AUDIT_PULLS_STRICT: 'true' });
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** What clients and people are shown, in all its detail. */
async function shown(ada: V2Client, boss: ApiClient): Promise<unknown> {
  const repository = ada.repository('ada/app');
  const answers: Record<string, unknown> = {};
  for (const path of ['tags/list', 'manifests/v1', 'manifests/v2', 'manifests/gone']) {
    const { status, text } = await repository.get(path);
    answers[path] = [status, text];
  }
  for (const path of [
    '/api/v1/repository/ada/app/tag/',
    '/api/v1/repository/ada/app?includeTags=true',
    '/api/v1/superuser/users/',
    '/api/v1/organization/acme/robots',
    '/api/v1/organization/acme',
  ]) {
    answers[path] = (await boss.get(path)).both;
  }
  return answers;
}

it('a registry that was moved answers as before, to those who came before, too', async () => {
  for (const name of ['boss', 'ada', 'eve']) {
    await registry.createUser(name, { superuser: name === 'boss', email: `${name}@example.com` });
  }
  const boss = await ApiClient.signedIn(registry, 'boss');
  const ada = new V2Client(registry, 'ada');
  app = ada.repository('ada/app');
  const layer = freshBytes(3_000_000);
  const digest = await app.pushBlob(layer, 'sha512', 'chunked');
  for (const tag of ['v1', 'v2', 'gone']) await pushImage(app, tag);
  const last = await pushImage(app, 'v1');
  await app.delete('manifests/gone');
  await boss.post('/api/v1/organization/', { name: 'acme' });
  await boss.put('/api/v1/organization/acme/robots/ci', { description: 'builds' });
  expect((await boss.delete('/api/v1/superuser/users/eve')).status).toBe(204);
  const session = await app.beginUpload();
  await app.patch(session, freshBytes(100_000), 0);
  const before = await shown(ada, boss);

  const source = registry.dataPath;
  const [target, file] = [join(source, '..', 'copy'), join(source, '..', 'copy.yaml')];
  writeFileSync(file, `DATA_PATH: ${target}\n`);
  await expect(registry.run(['migrate', '--to', file])).rejects.toThrow(
    `the data folder ${source} is in use by another process`,
  );
  await registry.restart('SIGTERM', { DATA_PATH: join(source, '..', 'elsewhere') });
  // A collection that nobody thought of when moving would be lost.
  const known = new Set(['contents', ...COPIED_RECORDS, ...placeRecords]);
  expect(collectionsIn(source).filter((collection) => !known.has(collection))).toEqual([]);
  const report = JSON.parse(await registry.run(['migrate', '--to', file, '--json'], '', { DATA_PATH: source })) as {
    events: number;
  };
  expect(report).toMatchObject({ verified: true, damaged: [], copiedEvents: report.events });
  await registry.restart('SIGTERM', { DATA_PATH: target });

  // The very same clients: their tokens and sessions hold.
  expect(await shown(ada, boss)).toEqual(before);
  expect((await app.get(`blobs/${digest}`)).body.equals(layer)).toBe(true);
  expect((await app.get(`manifests/${last.digest}`)).status).toBe(200);
  expect((await app.send('GET', session)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  await pushImage(app, 'v3');
  expect(await registry.run(['events', 'verify', '--json'])).toContain('"ok":true');
  expect(await registry.run(['projections', 'verify'])).not.toContain('differs');
});
