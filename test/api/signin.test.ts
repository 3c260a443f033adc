import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;

beforeAll(async () => {
  registry = await RegistryProcess.start();
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const signIn = (username: string, password: string, client = new ApiClient(registry)) =>
  client.post('/api/v1/signin', { username, password });
const WRONG = { needsEmailVerification: false, invalidCredentials: true, message: 'Invalid Username or Password' };

describe('whoever signs in', () => {
  it('shows that he is himself, and gets a new token against forged requests', async () => {
    await registry.createUser('ada', { email: 'ada@example.org' });
    const browser = new ApiClient(registry);
    const before = (await browser.get('/csrf_token')).json<{ csrf_token: string }>().csrf_token;
    const answer = await signIn('ada', PASSWORD, browser);
    expect(answer.both).toEqual([200, { success: true }]);
    const next = answer.headers.get('x-next-csrf-token') ?? '';
    expect(next).toMatch(/^[\w-]{64}$/);
    expect(next).not.toBe(before);
    expect((await browser.post('/api/v1/signin/verify', { password: PASSWORD })).status).toBe(200);
  });

  it('may give his address instead of his name', async () => {
    expect((await signIn('ADA@example.org', PASSWORD)).status).toBe(200);
  });

  it('needs the token that proves the request to be his browser’s own', async () => {
    const response = await fetch(`${registry.url}/api/v1/signin`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ username: 'ada', password: PASSWORD }),
    });
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: 'CSRF token was invalid or missing.' });
  });

  it('learns nothing about who exists', async () => {
    await registry.createUser('bob');
    expect((await signIn('bob', 'not-his-password')).both).toEqual([403, WRONG]);
    expect((await signIn('nobody', 'not-his-password')).both).toEqual([403, WRONG]);
  });

  it('has to wait after a wrong guess, whether the next one is right or not', async () => {
    await registry.createUser('carl');
    await signIn('carl', 'wrong-guess');
    await signIn('carl', 'wrong-guess');
    const locked = await signIn('carl', PASSWORD);
    expect(locked.both).toEqual([429, 'Too many login attempts. \nPlease reset your Quay password and try again.']);
    expect(locked.headers.get('content-type')).toMatch(/^text\/html/);
    expect(Number(locked.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('cannot use the password that was encrypted for clients', async () => {
    await registry.createUser('dora');
    const dora = await ApiClient.signedIn(registry, 'dora');
    const { key } = (await dora.post('/api/v1/user/clientkey', { password: PASSWORD })).json<{ key: string }>();
    expect((await new V2Client(registry, 'dora', key).requestToken([])).status).toBe(200);
    expect((await signIn('dora', key)).both).toEqual([403, WRONG]);
  });
});

describe('a password that is asked for again', () => {
  it('renews the session when it is right', async () => {
    await registry.createUser('eve');
    const eve = await ApiClient.signedIn(registry, 'eve');
    const answer = await eve.post('/api/v1/signin/verify', { password: PASSWORD });
    expect(answer.both).toEqual([200, { success: true }]);
    expect(answer.headers.get('x-next-csrf-token')).not.toBeNull();
  });

  it('is refused when it is wrong, and is nobody’s where nobody is signed in', async () => {
    const eve = await ApiClient.signedIn(registry, 'eve');
    expect((await eve.post('/api/v1/signin/verify', { password: 'not-hers' })).both).toEqual([
      403,
      { message: 'Invalid Username or Password', invalidCredentials: true },
    ]);
    const answer = await new ApiClient(registry).post('/api/v1/signin/verify', { password: PASSWORD });
    expect(answer.both).toMatchObject([401, { error_type: 'invalid_token' }]);
  });
});

describe('whoever signs out', () => {
  it('is signed out in all his browsers', async () => {
    await registry.createUser('fred');
    const [one, other] = [await ApiClient.signedIn(registry, 'fred'), await ApiClient.signedIn(registry, 'fred')];
    expect((await one.post('/api/v1/signout')).both).toEqual([200, { success: true }]);
    expect((await other.post('/api/v1/signin/verify', { password: PASSWORD })).status).toBe(401);
    expect((await signIn('fred', PASSWORD)).status).toBe(200);
  });

  it('need not be signed in', async () => {
    expect((await new ApiClient(registry).post('/api/v1/signout')).both).toEqual([200, { success: true }]);
  });
});
