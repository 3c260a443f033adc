import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';

let registry: RegistryProcess;
let program: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start({ FEATURE_USER_INITIALIZE: 'true', SUPER_USERS: '["quayadmin"]' });
});
afterAll(() => registry.stop());

const ALL_SCOPES = 'org:admin repo:admin repo:create repo:read repo:write super:user user:admin user:read';

it('a program sets an empty registry up, and gets a token with which it goes on', async () => {
  const first = new ApiClient(registry);
  const made = await first.post('/api/v1/user/initialize', {
    ...{ username: 'quayadmin', password: PASSWORD, email: 'quayadmin@example.com' },
    access_token: true,
  });
  expect(made.both).toEqual([
    200,
    {
      ...{ username: 'quayadmin', email: 'quayadmin@example.com', encrypted_password: expect.any(String) },
      access_token: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    },
  ]);
  // It is a sign-in, too (contract: accounts §1).
  expect(made.headers.get('x-next-csrf-token')).toBeTruthy();
  expect((await first.get('/api/v1/user/')).body).toMatchObject({ username: 'quayadmin' });
  program = new ApiClient(registry, made.json<{ access_token: string }>().access_token);
  const granted = await program.get('/api/v1/user/authorizations');
  expect(granted.status).toBe(200);
  const { authorizations } = granted.json<{ authorizations: { uuid: string; scopes: { scope: string }[] }[] }>();
  expect(authorizations).toMatchObject([{ application: { name: 'automation', organization: { name: 'quayadmin' } } }]);
  expect(authorizations[0]?.scopes.map(({ scope }) => scope).join(' ')).toBe(ALL_SCOPES);
});

it('the token is its own to give back, and serves nobody then', async () => {
  const list = (await program.get('/api/v1/user/authorizations')).json<{ authorizations: { uuid: string }[] }>();
  const path = `/api/v1/user/authorizations/${list.authorizations[0]?.uuid ?? ''}`;
  expect((await program.get(path)).body).toEqual(list.authorizations[0]);
  expect((await program.delete(path)).status).toBe(204);
  expect((await program.get('/api/v1/user/authorizations')).status).toBe(401);
});
