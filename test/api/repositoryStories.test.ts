import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

// What Quay's users read in its guide, chapter "repositories" (and 5.3 of the hosted service's): commands and answers.

let registry: RegistryProcess;
let program: ApiClient;

beforeAll(async () => {
  ({ registry, admin: program } = await withFirstAccount());
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const notFound = () => ({
  detail: 'Not Found',
  error_message: 'Not Found',
  error_type: 'not_found',
  title: 'not_found',
  type: `${registry.url}/api/v1/error/not_found`,
  status: 404,
});

it('a repository is created by pushing an image to it, and is private', async () => {
  await pushBusybox(new V2Client(registry, 'quayadmin').repository('quayadmin/busybox'), 'test', { bytes: 1_000 });
  const shown = await program.get('/api/v1/repository/quayadmin/busybox');
  expect(shown.status).toBe(200);
  expect(shown.body).toMatchObject({ namespace: 'quayadmin', name: 'busybox', description: null, is_public: false });
  const tags = shown.json<{ tags: object }>().tags;
  expect(Object.keys(tags)).toEqual(['test']);
  expect((await new ApiClient(registry).get('/api/v1/repository/quayadmin/busybox')).status).toBe(401);
});

it('a repository is created over the API', async () => {
  const body = {
    repository: 'new-repository',
    visibility: 'private',
    description: 'This is a description of the new repository.',
  };
  const created = await program.post('/api/v1/repository', body);
  expect(created.both).toEqual([201, { namespace: 'quayadmin', name: 'new-repository', kind: 'image' }]);
  expect((await program.get('/api/v1/repository/quayadmin/new-repository')).body).toEqual({
    ...{ namespace: 'quayadmin', name: 'new-repository', kind: 'image', description: body.description },
    ...{ is_public: false, is_organization: false, is_starred: false },
    status_token: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    ...{ trust_enabled: false, tag_expiration_s: 1_209_600, is_free_account: true, state: 'NORMAL' },
    ...{ tags: {}, can_write: true, can_admin: true },
  });
});

it('a repository is created in a browser, made private there, and deleted', async () => {
  const browser = await ApiClient.signedIn(registry, 'quayadmin');
  const created = await browser.post('/api/v1/repository', {
    ...{ namespace: 'quayadmin', repository: 'testrepo', visibility: 'public', description: '', repo_kind: 'image' },
  });
  expect(created.both).toEqual([201, { namespace: 'quayadmin', name: 'testrepo', kind: 'image' }]);
  const list = '/api/v1/repository?last_modified=true&namespace=quayadmin&public=true';
  const names = async (): Promise<readonly string[]> =>
    (await browser.get(list)).json<{ repositories: { name: string }[] }>().repositories.map(({ name }) => name);
  expect(await names()).toContain('testrepo');
  const path = '/api/v1/repository/quayadmin/testrepo';
  expect((await new ApiClient(registry).get(path)).status).toBe(200);
  const changed = await browser.post(`${path}/changevisibility`, { visibility: 'private' });
  expect(changed.both).toEqual([200, { success: true }]);
  expect((await new ApiClient(registry).get(path)).status).toBe(401);
  expect((await browser.delete(path)).status).toBe(204);
  expect(await names()).not.toContain('testrepo');
});

it('a repository is deleted over the API, says nothing, and is not found then', async () => {
  const repository = new V2Client(registry, 'quayadmin').repository('quayadmin/gone');
  await pushBusybox(repository, 'latest', { bytes: 1_000 });
  const path = '/api/v1/repository/quayadmin/gone';
  const deleted = await program.delete(path);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect((await program.get(path)).both).toEqual([404, notFound()]);
  expect((await repository.get('manifests/latest')).status).not.toBe(200);
});

it('the name of a deleted repository is free at once, and what was in it does not come back', async () => {
  const repository = new V2Client(registry, 'quayadmin').repository('quayadmin/again');
  const { digest } = await pushBusybox(repository, 'latest', { bytes: 1_000 });
  const path = '/api/v1/repository/quayadmin/again';
  expect((await program.delete(path)).status).toBe(204);
  const body = { repository: 'again', visibility: 'public', description: '' };
  expect((await program.post('/api/v1/repository', body)).status).toBe(201);
  expect((await program.get(path)).body).toMatchObject({ description: '', tags: {}, is_public: true });
  expect((await program.get(`${path}/tag/`)).body).toEqual({ tags: [], page: 1, has_additional: false });
  const anew = new V2Client(registry, 'quayadmin').repository('quayadmin/again');
  expect((await anew.get(`manifests/${digest}`)).status).toBe(404);
  expect((await program.post(`${path}/tag/latest/restore`, { manifest_digest: digest })).both).toEqual([
    404,
    notFound(),
  ]);
});
