import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let ada: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  for (const name of ['ada', 'bob']) await registry.createUser(name);
  ada = await ApiClient.signedIn(registry, 'ada');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

type Token = { readonly uuid: string; readonly token_code: string };
const RFC2822 = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} -0000$/;
const create = async (title: string, client = ada): Promise<Token> =>
  (await client.post('/api/v1/user/apptoken', { title })).json<{ token: Token }>().token;
const listed = async (client: ApiClient, query = ''): Promise<unknown> =>
  (await client.get(`/api/v1/user/apptoken${query}`)).body;
const mayLogIn = async (secret: string): Promise<boolean> =>
  (await new V2Client(registry, '$app', secret).requestToken([])).status === 200;

describe('a token for an application', () => {
  it('is shown with its code when it is made', async () => {
    const made = await ada.post('/api/v1/user/apptoken', { title: 'laptop' });
    expect(made.both).toEqual([
      200,
      {
        token: {
          uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
          ...{ title: 'laptop', last_accessed: null, expiration: null },
          created: expect.stringMatching(RFC2822),
          token_code: expect.stringMatching(/^[A-Z0-9]{120}$/),
        },
      },
    ]);
    const { token } = made.json<{ token: Token }>();
    expect((await ada.get(`/api/v1/user/apptoken/${token.uuid}`)).both).toEqual([200, { token }]);
    const { token_code: _code, ...view } = token;
    expect(await listed(ada)).toEqual({ tokens: [view], only_expiring: null });
  });

  it('lets its owner’s images be pushed and pulled, until it is revoked', async () => {
    const { uuid, token_code: code } = await create('ci');
    const client = new V2Client(registry, '$app', code);
    await pushImage(client.repository('ada/app'), 'v1');
    expect((await client.repository('ada/app').get('manifests/v1')).status).toBe(200);
    expect(await listed(ada)).toMatchObject({
      tokens: [{ title: 'laptop' }, { title: 'ci', last_accessed: expect.stringMatching(RFC2822) }],
    });
    const revoked = await ada.delete(`/api/v1/user/apptoken/${uuid}`);
    expect([revoked.status, revoked.text]).toEqual([204, '']);
    // The token that the registry issued for it is void, too.
    expect((await client.repository('ada/app').get('manifests/v1')).status).toBe(401);
    expect(await mayLogIn(code)).toBe(false);
    expect((await ada.delete(`/api/v1/user/apptoken/${uuid}`)).both).toMatchObject([404, { error_type: 'not_found' }]);
    expect((await ada.get(`/api/v1/user/apptoken/${uuid}`)).status).toBe(404);
  });

  it('is its owner’s alone', async () => {
    const { uuid } = await create('private');
    const bob = await ApiClient.signedIn(registry, 'bob');
    expect(await listed(bob)).toEqual({ tokens: [], only_expiring: null });
    expect((await bob.get(`/api/v1/user/apptoken/${uuid}`)).status).toBe(404);
    expect((await bob.delete(`/api/v1/user/apptoken/${uuid}`)).status).toBe(404);
    expect((await new ApiClient(registry).get('/api/v1/user/apptoken')).status).toBe(401);
  });

  it('has a title', async () => {
    expect((await ada.post('/api/v1/user/apptoken', {})).both).toMatchObject([
      400,
      { detail: "'title' is a required property" },
    ]);
  });

  it('goes with its owner', async () => {
    await registry.createUser('carl');
    const carl = await ApiClient.signedIn(registry, 'carl');
    const { token_code: code } = await create('laptop', carl);
    expect(await mayLogIn(code)).toBe(true);
    expect((await carl.delete('/api/v1/user/')).both).toEqual([204, '']);
    expect(await mayLogIn(code)).toBe(false);
  });
});

describe('where tokens have an end', () => {
  it('they say so, are listed a while longer, and let nobody in', async () => {
    closeConnections();
    await registry.restart('SIGTERM', { APP_SPECIFIC_TOKEN_EXPIRATION: '2s', EXPIRED_APP_SPECIFIC_TOKEN_GC: '2s' });
    ada = await ApiClient.signedIn(registry, 'ada');
    const { uuid, token_code: code } = await create('short');
    expect(await mayLogIn(code)).toBe(true);
    expect(await listed(ada, '?expiring=false')).toMatchObject({ only_expiring: false });
    await sleep(2_100);
    expect(await mayLogIn(code)).toBe(false);
    expect(JSON.stringify(await listed(ada))).toContain(uuid);
    expect((await ada.get(`/api/v1/user/apptoken/${uuid}`)).status).toBe(404);
    await sleep(2_000);
    expect(JSON.stringify(await listed(ada))).not.toContain(uuid);
    expect((await ada.delete(`/api/v1/user/apptoken/${uuid}`)).status).toBe(404);
  });
});

it('whoever gave his password too long ago is asked for it again before he gets a token', async () => {
  closeConnections();
  await registry.restart('SIGTERM', { FRESH_LOGIN_TIMEOUT: '1s' });
  ada = await ApiClient.signedIn(registry, 'ada');
  await sleep(1_100);
  expect((await ada.post('/api/v1/user/apptoken', { title: 'late' })).both).toMatchObject([
    401,
    { title: 'fresh_login_required', error_type: 'fresh_login_required', detail: 'Requires fresh login' },
  ]);
  expect((await ada.get('/api/v1/user/apptoken')).status).toBe(200);
  expect((await ada.post('/api/v1/signin/verify', { password: PASSWORD })).status).toBe(200);
  expect((await ada.post('/api/v1/user/apptoken', { title: 'late' })).status).toBe(200);
});

it('where they are switched off there are none', async () => {
  closeConnections();
  await registry.restart('SIGTERM', { FEATURE_APP_SPECIFIC_TOKENS: 'false' });
  ada = await ApiClient.signedIn(registry, 'ada');
  expect((await ada.get('/api/v1/user/apptoken')).status).toBe(404);
});
