import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { avatar, done } from '../support/apiAnswers.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';
import { SmtpServer } from '../support/smtpServer.js';

// What Quay's users read in its guide, chapters "organizations" and "access": commands and answers.

let registry: RegistryProcess;
let program: ApiClient;
let smtp: SmtpServer;

beforeAll(async () => {
  smtp = await SmtpServer.start();
  ({ registry, admin: program } = await withFirstAccount({
    ...{ MAIL_SERVER: 'localhost', MAIL_PORT: String(smtp.port), MAIL_USE_TLS: 'false' },
    // Members are added without an invitation, as in the guide's answers.
    FEATURE_REQUIRE_TEAM_INVITE: 'false',
  }));
  await registry.createUser('testuser', { email: 'testuser@example.com' });
});
afterAll(async () => {
  await registry.stop();
  await smtp.stop();
});

it('an organization is created over the API', async () => {
  const created = await program.post('/api/v1/organization/', { name: 'testorg' });
  expect([created.status, created.text]).toEqual([201, '"Created"\n']);
});

it('an organization gets an address and a window in its settings', async () => {
  const browser = await ApiClient.signedIn(registry, 'quayadmin');
  await browser.post('/api/v1/organization/', { name: 'test-org', email: 'first@example.com' });
  const changed = await browser.put('/api/v1/organization/test-org', {
    ...{ email: 'test-org@example.com', tag_expiration_s: 604_800 },
  });
  const settings = { name: 'test-org', email: 'test-org@example.com', tag_expiration_s: 604_800, is_admin: true };
  expect(changed.both).toEqual([200, expect.objectContaining(settings)]);
  expect((await browser.get('/api/v1/organization/test-org')).body).toMatchObject(settings);
});

it('an organization is deleted over the API, and then it is not found', async () => {
  await program.post('/api/v1/organization/', { name: 'leaving' });
  expect((await program.delete('/api/v1/organization/leaving')).both).toEqual(done);
  expect((await program.get('/api/v1/organization/leaving')).body).toEqual({
    ...{ detail: 'Not Found', error_message: 'Not Found', error_type: 'not_found', title: 'not_found' },
    ...{ type: `${registry.url}/api/v1/error/not_found`, status: 404 },
  });
});

it('a team is made, and its role is set', async () => {
  await program.post('/api/v1/organization/', { name: 'roles' });
  const team = {
    ...{ name: 'example_team', description: '', can_view: true, role: 'creator' },
    avatar: {
      name: 'example_team',
      hash: 'dec209fd7312a2284b689d4db3135e2846f27e0f40fa126776a0ce17366bc989',
      ...{ color: '#e7ba52', kind: 'team' },
    },
  };
  const put = (role: string) => program.put('/api/v1/organization/roles/team/example_team', { role });
  expect((await put('creator')).both).toEqual([200, { ...team, new_team: true }]);
  expect((await put('admin')).both).toEqual([200, { ...team, role: 'admin', new_team: false }]);
});

it('members of a team are added, listed and removed', async () => {
  await program.post('/api/v1/organization/', { name: 'people' });
  await program.put('/api/v1/organization/people/robots/test');
  const members = '/api/v1/organization/people/team/owners/members';
  const person = { name: 'testuser', kind: 'user', is_robot: false, avatar: avatar('testuser', 'user') };
  expect((await program.put(`${members}/testuser`)).both).toEqual([200, { ...person, invited: false }]);
  expect((await program.put(`${members}/people+test`)).both).toEqual([
    200,
    { ...person, name: 'people+test', is_robot: true, avatar: avatar('people+test', 'robot'), invited: false },
  ]);
  expect((await program.delete(`${members}/testuser`)).both).toEqual(done);
  const listed = (await program.get(members)).json<{ members: { name: string }[] }>();
  expect(listed).toMatchObject({ name: 'owners', can_edit: true });
  expect(listed.members.map(({ name }) => name).sort()).toEqual(['people+test', 'quayadmin']);
});

it('somebody is invited by his address, and the invitation is taken back', async () => {
  await program.post('/api/v1/organization/', { name: 'inviting' });
  const team = '/api/v1/organization/inviting/team/owners';
  expect((await program.put(`${team}/invite/new@example.com`)).both).toEqual([
    200,
    { email: 'new@example.com', kind: 'invite', avatar: avatar('new@example.com', 'user'), invited: true },
  ]);
  expect((await smtp.deliveries(1)).at(-1)).toMatchObject({ to: ['new@example.com'] });
  const pending = await program.get(`${team}/members?includePending=true`);
  expect(pending.json<{ members: { email?: string }[] }>().members.map(({ email }) => email)).toContain(
    'new@example.com',
  );
  expect((await program.delete(`${team}/invite/new@example.com`)).both).toEqual(done);
  expect((await program.delete(`${team}/invite/new@example.com`)).status).toBe(404);
});

it('the repositories of a team are listed with its role in each; then the team is deleted', async () => {
  await program.post('/api/v1/organization/', { name: 'granting' });
  await program.put('/api/v1/organization/granting/team/testteam', { role: 'member' });
  const repository = { namespace: 'granting', repository: 'api-repo', visibility: 'public', description: '' };
  await program.post('/api/v1/repository', repository);
  await program.put('/api/v1/repository/granting/api-repo/permissions/team/testteam', { role: 'admin' });
  expect((await program.get('/api/v1/organization/granting/team/testteam/permissions')).both).toEqual([
    200,
    { permissions: [{ repository: { name: 'api-repo', is_public: true }, role: 'admin' }] },
  ]);
  expect((await program.delete('/api/v1/organization/granting/team/testteam')).both).toEqual(done);
  expect((await program.get('/api/v1/organization/granting/team/testteam/permissions')).status).toBe(404);
  expect((await program.get('/api/v1/repository/granting/api-repo/permissions/team/')).body).toEqual({
    permissions: {},
  });
});

it('a default permission is created, changed, listed and deleted', async () => {
  await program.post('/api/v1/organization/', { name: 'defaults' });
  await program.put('/api/v1/organization/defaults/robots/test');
  const prototypes = '/api/v1/organization/defaults/prototypes';
  const created = await program.post(prototypes, {
    ...{ role: 'admin', delegate: { name: 'testuser', kind: 'user' }, activating_user: { name: 'defaults+test' } },
  });
  const shown = {
    activating_user: {
      ...{ name: 'defaults+test', is_robot: true, kind: 'user', is_org_member: true },
      avatar: avatar('defaults+test', 'robot'),
    },
    delegate: {
      ...{ name: 'testuser', is_robot: false, kind: 'user', is_org_member: false },
      avatar: avatar('testuser', 'user'),
    },
    ...{ role: 'admin', id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  };
  expect(created.both).toEqual([200, shown]);
  const { id } = created.json<{ id: string }>();
  const changed = await program.put(`${prototypes}/${id}`, { role: 'write' });
  expect(changed.both).toEqual([200, { ...shown, id, role: 'write' }]);
  expect((await program.get(prototypes)).body).toEqual({ prototypes: [{ ...shown, id, role: 'write' }] });
  expect((await program.delete(`${prototypes}/${id}`)).both).toEqual(done);
  expect((await program.get(prototypes)).body).toEqual({ prototypes: [] });
});
