import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { createApplication, createOrganization } from '../support/applications.js';
import { RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let admin: ApiClient;
let tokens: string;

beforeAll(async () => {
  registry = await RegistryProcess.start({
    OAUTH_APPLICATION_MAXIMUM_TOKEN_COUNT: '60',
    SUPER_USERS: '["root"]',
    GLOBAL_READONLY_SUPER_USERS: '["auditor"]',
  });
  for (const name of ['admin', 'anna', 'root', 'auditor']) await registry.createUser(name);
  admin = await ApiClient.signedIn(registry, 'admin');
  await createOrganization(admin, 'acme');
  tokens = await tokensOf(admin, 'automation');
});
afterAll(() => registry.stop());

async function tokensOf(owner: ApiClient, name: string, orgname = 'acme'): Promise<string> {
  const { client_id } = await createApplication(owner, orgname, { name });
  return `/api/v1/organization/${orgname}/applications/${client_id}/tokens`;
}

type Token = { readonly uuid: string; readonly token: string; readonly expires_at: string; readonly created: string };
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const lifetime = ({ expires_at, created }: Token) => (Date.parse(expires_at) - Date.parse(created)) / 1000;

it('an administrator makes a token by a call, uses it, finds it in the list and revokes it', async () => {
  const made = await admin.post(tokens, { name: ' nightly build ', scope: 'repo:read,repo:create repo:read' });
  const view = {
    ...{ uuid: expect.any(String), name: 'nightly build', scope: 'repo:read repo:create', created_by: 'admin' },
    ...{ created: expect.stringMatching(ISO), expires_at: expect.stringMatching(ISO), last_accessed: null },
  };
  expect(made.both).toEqual([200, { ...view, token: expect.stringMatching(/^[A-Za-z0-9]{40}$/) }]);
  const token = made.json<Token>();
  expect(lifetime(token)).toBe(315_576_000);
  const program = new ApiClient(registry, token.token);
  expect((await program.get('/api/v1/user/authorizations')).status).toBe(403);
  expect((await admin.get(tokens)).both).toEqual([
    200,
    { tokens: [{ ...view, uuid: token.uuid, last_accessed: expect.stringMatching(ISO) }] },
  ]);
  expect((await admin.delete(`${tokens}/${token.uuid}`)).status).toBe(204);
  expect((await admin.delete(`${tokens}/${token.uuid}`)).status).toBe(404);
  expect((await admin.get(tokens)).body).toEqual({ tokens: [] });
  expect((await program.get('/api/v1/user/authorizations')).status).toBe(401);
});

it('lives as long as was asked for, ten years at most', async () => {
  const living = async (expiration: number) =>
    lifetime((await admin.post(tokens, { name: 'short', scope: 'repo:read', expiration })).json<Token>());
  expect(await living(60)).toBe(60);
  expect(await living(1e9)).toBe(315_576_000);
});

it('a token that has run out serves nobody, and is not listed', async () => {
  const own = await tokensOf(admin, 'short-lived');
  const made = await admin.post(own, { name: 'a second', scope: 'user:admin', expiration: 1 });
  const program = new ApiClient(registry, made.json<Token>().token);
  expect((await program.get('/api/v1/user/authorizations')).status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect((await program.get('/api/v1/user/authorizations')).status).toBe(401);
  expect((await admin.get(own)).body).toEqual({ tokens: [] });
  const mine = await admin.get('/api/v1/user/authorizations');
  expect(mine.body).toMatchObject({
    authorizations: expect.arrayContaining([expect.objectContaining({ uuid: made.json<Token>().uuid })]),
  });
});

it('are listed in pages, newest first, and limited in number', async () => {
  const own = await tokensOf(admin, 'many');
  for (let made = 0; made < 60; made++) {
    expect((await admin.post(own, { name: `token ${made}`, scope: 'repo:read' })).status).toBe(200);
  }
  expect((await admin.post(own, { name: 'one too many', scope: 'repo:read' })).both).toEqual([
    400,
    { message: 'Token limit reached: maximum 60 non-expired tokens per application' },
  ]);
  type List = { tokens: { name: string }[]; next_page?: string };
  const first = (await admin.get(own)).json<List>();
  expect(first.tokens.map(({ name }) => name)).toEqual(Array.from({ length: 50 }, (_, index) => `token ${59 - index}`));
  const rest = (await admin.get(`${own}?next_page=${first.next_page ?? ''}`)).json<List>();
  expect(rest.tokens.map(({ name }) => name)).toEqual(Array.from({ length: 10 }, (_, index) => `token ${9 - index}`));
  expect(rest).not.toHaveProperty('next_page');
  expect((await admin.get(`${own}?next_page=forged`)).json<List>().tokens).toEqual(first.tokens);
  expect((await admin.get(`${tokens}?next_page=${first.next_page ?? ''}`)).json<List>().tokens[0]?.name).not.toBe(
    'token 9',
  );
});

describe('a token is refused', () => {
  it.each([
    ['of no name', { name: '', scope: 'repo:read' }, { detail: expect.stringContaining('too short') }],
    ['of a name of blanks', { name: '  ', scope: 'repo:read' }, { message: "'name' must not be empty" }],
    ['of a long name', { name: 'x'.repeat(256), scope: 'repo:read' }, { detail: expect.stringContaining('too long') }],
    [
      'of an unknown scope',
      { name: 'x', scope: 'repo:read repo:nuke' },
      { message: 'Invalid scope: repo:read repo:nuke' },
    ],
    ['of no scope', { name: 'x', scope: '' }, { message: 'Invalid scope: ' }],
    ['of no life', { name: 'x', scope: 'repo:read', expiration: 0 }, { detail: expect.stringContaining('minimum') }],
    ['without a scope', { name: 'x' }, { detail: "'scope' is a required property" }],
  ])('%s', async (_what, body, expected) => {
    const { status, body: said } = await admin.post(tokens, body);
    expect([status, said]).toEqual([400, expect.objectContaining(expected)]);
  });

  it('that would live for ever', async () => {
    const endless = await admin.send('POST', tokens, {
      body: '{"name": "x", "scope": "repo:read", "expiration": 1e999}',
    });
    expect(endless.both).toEqual([400, { message: "'expiration' must be a finite number of seconds" }]);
  });

  it('to who could not use it himself', async () => {
    expect((await admin.post(tokens, { name: 'x', scope: 'super:user' })).status).toBe(403);
    const root = await ApiClient.signedIn(registry, 'root');
    await createOrganization(root, 'roots');
    expect((await root.post(await tokensOf(root, 'r', 'roots'), { name: 'x', scope: 'super:user' })).status).toBe(200);
  });

  it('to a token that wants more than it has itself', async () => {
    const made = await admin.post(tokens, { name: 'x', scope: 'org:admin repo:write' });
    const program = new ApiClient(registry, made.json<Token>().token);
    for (const scope of ['repo:admin', 'user:read', 'org:admin user:admin', 'super:user']) {
      expect((await program.post(tokens, { name: 'more', scope })).status).toBe(403);
    }
    expect((await program.post(tokens, { name: 'as much', scope: 'org:admin repo:read' })).status).toBe(200);
  });
});

describe('an application', () => {
  const all = '/api/v1/organization/acme/applications';

  it('is for administrators; who may only look sees no secret', async () => {
    const { client_id, client_secret } = await createApplication(admin, 'acme', {
      ...{ name: 'secretive', redirect_uri: 'https://x.example.com', avatar_email: 'x@example.com' },
    });
    const [anna, auditor] = [await ApiClient.signedIn(registry, 'anna'), await ApiClient.signedIn(registry, 'auditor')];
    for (const path of [all, `${all}/${client_id}`, `${all}/${client_id}/tokens`]) {
      expect((await new ApiClient(registry).get(path)).status).toBe(401);
      expect((await anna.get(path)).status).toBe(403);
    }
    const seen = await auditor.get(`${all}/${client_id}`);
    expect(seen.body).toMatchObject({ name: 'secretive', client_secret: null, redirect_uri: null, avatar_email: null });
    expect((await auditor.get(all)).text).not.toContain(client_secret);
    for (const refused of [
      await auditor.post(all, { name: 'mine' }),
      await auditor.put(`${all}/${client_id}`, { name: 'mine', redirect_uri: '', application_uri: '' }),
      await auditor.delete(`${all}/${client_id}`),
      await auditor.post(`${all}/${client_id}/resetclientsecret`),
      await auditor.post(`${all}/${client_id}/tokens`, { name: 'mine', scope: 'repo:read' }),
      await auditor.delete(`${all}/${client_id}/tokens/any`),
    ]) {
      expect(refused.status).toBe(403);
    }
  });

  it('tells everybody what it is, and nothing of its organization that is not public', async () => {
    const { client_id } = await createApplication(admin, 'acme', {
      ...{
        name: 'public',
        description: 'for all',
        application_uri: 'https://app.example.com',
        redirect_uri: 'https://x',
      },
    });
    for (const caller of [new ApiClient(registry), admin]) {
      const shown = await caller.get(`/api/v1/app/${client_id}`);
      expect(shown.both).toEqual([
        200,
        {
          ...{ name: 'public', description: 'for all', uri: 'https://app.example.com' },
          avatar: expect.objectContaining({ name: 'public', kind: 'app' }),
          organization: expect.objectContaining({ name: 'acme', teams: {}, ordered_teams: [] }),
        },
      ]);
    }
    const anonymous = await new ApiClient(registry).get(`/api/v1/app/${client_id}`);
    expect(anonymous.body).toMatchObject({ organization: { email: '', is_admin: false, is_member: false } });
    expect((await admin.get('/api/v1/app/UNKNOWN')).status).toBe(404);
  });

  it('is not found below another organization, nor in one that is not there', async () => {
    const { client_id } = await createApplication(admin, 'acme', { name: 'here' });
    await createOrganization(admin, 'elsewhere');
    const there = `/api/v1/organization/elsewhere/applications/${client_id}`;
    const change = { name: 'x', redirect_uri: '', application_uri: '' };
    for (const answer of [
      await admin.get(there),
      await admin.put(there, change),
      await admin.delete(there),
      await admin.post(`${there}/resetclientsecret`),
      await admin.get(`${there}/tokens`),
      await admin.post(`${there}/tokens`, { name: 'x', scope: 'repo:read' }),
      await admin.delete(`${there}/tokens/any`),
      await admin.get('/api/v1/organization/admin/applications'),
    ]) {
      expect(answer.status).toBe(404);
    }
    expect((await admin.get(`${all}/${client_id}`)).status).toBe(200);
  });

  it('does not take the name that is for the registry itself', async () => {
    const reserved = { name: '__quay_bootstrap_app', redirect_uri: '', application_uri: '' };
    const detail = 'Application name is reserved for bootstrap token provisioning';
    expect((await admin.post(all, reserved)).both).toEqual([400, expect.objectContaining({ detail })]);
    const { client_id } = await createApplication(admin, 'acme', { name: 'mine' });
    expect((await admin.put(`${all}/${client_id}`, reserved)).both).toEqual([400, expect.objectContaining({ detail })]);
  });

  it('that is removed takes its tokens along', async () => {
    const { client_id } = await createApplication(admin, 'acme', { name: 'leaving' });
    const made = await admin.post(`${all}/${client_id}/tokens`, { name: 'x', scope: 'user:admin' });
    const program = new ApiClient(registry, made.json<Token>().token);
    expect((await program.get('/api/v1/user/authorizations')).status).toBe(200);
    expect((await admin.delete(`${all}/${client_id}`)).status).toBe(204);
    expect((await program.get('/api/v1/user/authorizations')).status).toBe(401);
    expect((await admin.get('/api/v1/user/authorizations')).text).not.toContain(made.json<Token>().uuid);
    expect((await admin.delete(`${all}/${client_id}`)).status).toBe(404);
  });
});
