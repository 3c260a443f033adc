import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { createApplication, createOrganization, type Application } from '../support/applications.js';
import { agree, handedOver, pathWith, submit } from '../support/consent.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';

const DASHBOARD = 'https://dashboard.example.com/callback';
const DIRECT = 'DIRECTAPPLICATION000';

let registry: RegistryProcess;
let admin: ApiClient;
let dashboard: Application;
let other: Application;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  for (const name of ['admin', 'anna', 'olga']) await registry.createUser(name);
  admin = await ApiClient.signedIn(registry, 'admin');
  await createOrganization(admin, 'tools');
  dashboard = await createApplication(admin, 'tools', { name: 'dashboard', redirect_uri: DASHBOARD });
  other = await createApplication(admin, 'tools', { name: 'other', redirect_uri: DASHBOARD });
});
afterAll(() => registry.stop());

type Members = { readonly [name: string]: string };

/** An application's own call: it has no session, and nobody's CSRF token. */
const exchange = (members: Members, headers: Members = {}): Promise<ApiAnswer> =>
  new ApiClient(registry, '').send('POST', '/oauth/access_token', {
    body: new URLSearchParams(members).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', Authorization: '', ...headers },
  });

const SCOPE = 'repo:read,user:read';
const asked = (changes: Members = {}): Members => ({
  ...{ client_id: dashboard.client_id, redirect_uri: DASHBOARD, scope: SCOPE, state: 'st&te' },
  ...changes,
});

async function codeFor(browser: ApiClient, changes: Members = {}): Promise<string> {
  return handedOver(await agree(browser, asked(changes))).query['code'] ?? '';
}

const shown = (code: string, changes: Members = {}): Members => ({
  ...{ grant_type: 'authorization_code', code, scope: SCOPE, redirect_uri: DASHBOARD },
  ...{ client_id: dashboard.client_id, client_secret: dashboard.client_secret, ...changes },
});

const whoIs = async (token: string) => (await new ApiClient(registry, token).get('/api/v1/user/')).status;
const tokenOf = (answer: ApiAnswer) => answer.json<{ access_token: string }>().access_token;

describe('an application of somebody else', () => {
  it('sends a user to be asked, gets a code, and exchanges it for a token that acts for him', async () => {
    const sent = handedOver(await agree(admin, asked()));
    expect(sent).toEqual({
      to: DASHBOARD,
      query: { scope: SCOPE, state: 'st&te', code: expect.stringMatching(/^[A-Za-z0-9]{40}$/) },
      fragment: {},
    });
    const exchanged = await exchange(shown(sent.query['code'] ?? ''));
    expect(exchanged.both).toEqual([
      200,
      {
        ...{ access_token: expect.stringMatching(/^[A-Za-z0-9]{40}$/), token_type: 'Bearer' },
        ...{ expires_in: 315_576_000, refresh_token: null },
      },
    ]);
    expect(exchanged.headers.get('cache-control')).toContain('no-store');
    expect(exchanged.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await whoIs(tokenOf(exchanged))).toBe(200);
    const granted = await admin.get('/api/v1/user/authorizations');
    expect(granted.body).toMatchObject({ authorizations: [{ application: { name: 'dashboard' } }] });
  });

  it('may show its secret as a password, and its request in the address', async () => {
    const code = await codeFor(admin, { scope: 'repo:write' });
    const { client_secret: secret, ...members } = shown(code, { scope: 'repo:write' });
    const basic = Buffer.from(`${dashboard.client_id}:${secret ?? ''}`).toString('base64');
    const exchanged = await new ApiClient(registry, '').send('POST', pathWith('/oauth/access_token', members), {
      headers: { Authorization: `Basic ${basic}` },
    });
    expect(exchanged.status).toBe(200);
  });

  it('is told what it left out, in its own words', async () => {
    for (const missing of ['grant_type', 'client_id', 'redirect_uri', 'code', 'scope']) {
      const { [missing]: _, ...rest } = shown('x');
      expect((await exchange(rest)).body).toEqual({ error: `Required param: ${missing}` });
    }
  });
});

describe('a code', () => {
  it.each<[string, () => Members, string]>([
    ['with another grant', () => ({ grant_type: 'password' }), 'unsupported_grant_type'],
    ['without the secret', () => ({ client_secret: '' }), 'invalid_client'],
    ['with a wrong secret', () => ({ client_secret: other.client_secret }), 'invalid_client'],
    ['by an application that does not exist', () => ({ client_id: 'UNKNOWN' }), 'invalid_client'],
    [
      'by another application, with its own secret',
      () => ({ client_id: other.client_id, client_secret: other.client_secret }),
      'invalid_grant',
    ],
    ['for another address', () => ({ redirect_uri: `${DASHBOARD}/evil` }), 'invalid_grant'],
    ['for more than was granted', () => ({ scope: 'repo:read,user:read,org:admin' }), 'invalid_scope'],
    ['for the same in other words', () => ({ scope: 'repo:read user:read' }), 'invalid_scope'],
    ['that nobody gave', () => ({ code: 'x'.repeat(40) }), 'invalid_grant'],
  ])('cannot be exchanged %s, and is still good', async (_what, changes, error) => {
    const code = await codeFor(admin, { state: 'again' }).catch(() => '');
    const granted = code === '' ? await directCode() : code;
    expect((await exchange(shown(granted, changes()))).both).toEqual([400, { error }]);
    expect((await exchange(shown(granted))).status).toBe(200);
  });

  /** Who granted it once is not asked again. */
  async function directCode(): Promise<string> {
    return handedOver(await admin.get(pathWith('/oauth/authorize', asked()))).query['code'] ?? '';
  }

  it('that comes a second time is refused, and takes back what the first one gave', async () => {
    const code = await directCode();
    const token = tokenOf(await exchange(shown(code)));
    expect(await whoIs(token)).toBe(200);
    expect((await exchange(shown(code))).both).toEqual([400, { error: 'invalid_grant' }]);
    expect(await whoIs(token)).toBe(401);
  });

  it('gives one token, however many come with it at once', async () => {
    const code = await directCode();
    const answers = await Promise.all(Array.from({ length: 8 }, () => exchange(shown(code))));
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => status === 200 || status === 400)).toBe(true);
  });

  it('of an application that got another secret needs the new one', async () => {
    const code = await directCode();
    const path = `/api/v1/organization/tools/applications/${dashboard.client_id}/resetclientsecret`;
    const reset = (await admin.post(path)).json<Application>();
    expect(reset.client_secret).not.toBe(dashboard.client_secret);
    expect((await exchange(shown(code))).both).toEqual([400, { error: 'invalid_client' }]);
    expect((await exchange(shown(code, { client_secret: reset.client_secret }))).status).toBe(200);
    dashboard = reset;
  });

  it('is no good any more once its application is gone', async () => {
    const gone = await createApplication(admin, 'tools', { name: 'gone', redirect_uri: DASHBOARD });
    const code = await codeFor(admin, { client_id: gone.client_id });
    expect((await admin.delete(`/api/v1/organization/tools/applications/${gone.client_id}`)).status).toBe(204);
    const members = shown(code, { client_id: gone.client_id, client_secret: gone.client_secret });
    expect((await exchange(members)).both).toEqual([400, { error: 'invalid_client' }]);
  });
});

describe('a program of the user himself', () => {
  const basic = (name: string, password = PASSWORD) => ({
    Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
    'X-CSRF-Token': '',
    'Content-Type': 'application/x-www-form-urlencoded',
  });
  const approve = (clientId: string, headers: Members) =>
    new ApiClient(registry).send('POST', '/oauth/authorizeapp', {
      body: new URLSearchParams({ ...asked(), client_id: clientId }).toString(),
      headers,
    });

  it('may agree for him with his password, where the configuration names it', async () => {
    await registry.restart('SIGTERM', {
      DIRECT_OAUTH_CLIENTID_WHITELIST: JSON.stringify([dashboard.client_id, DIRECT]),
    });
    const { query } = handedOver(await approve(dashboard.client_id, basic('anna')));
    const token = tokenOf(await exchange(shown(query['code'] ?? '')));
    expect((await new ApiClient(registry, token).get('/api/v1/user/')).body).toMatchObject({ username: 'anna' });
  });

  it('may not where it does not, nor with a wrong password, nor with none', async () => {
    expect((await approve(other.client_id, basic('anna'))).both).toEqual([
      403,
      { error: 'CSRF token was invalid or missing. (authorized: user anna)' },
    ]);
    expect((await approve(dashboard.client_id, basic('olga', 'wrong-password'))).status).toBe(401);
    const { Authorization: _, ...anonymous } = basic('anna');
    expect((await approve(dashboard.client_id, anonymous)).status).toBe(401);
  });

  it('that is named, but does not exist, is told nothing and sent nowhere', async () => {
    expect((await approve(DIRECT, basic('anna'))).both).toEqual([400, { error: 'invalid_request' }]);
  });
});

it('a form that another site sends grants nothing', async () => {
  for (const path of ['/oauth/authorizeapp', '/oauth/denyapp']) {
    for (const token of [undefined, '', 'guessed']) {
      const fields = { ...asked(), ...(token === undefined ? {} : { _csrf_token: token }) };
      const forged = await submit(admin, { action: path, fields });
      expect(forged.both).toEqual([403, { error: 'CSRF token was invalid or missing. (authorized: user admin)' }]);
    }
  }
});
