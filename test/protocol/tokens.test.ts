import { createPublicKey, createVerify, type JsonWebKey } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { pushImage } from '../support/images.js';
import { closeConnections, V2Client, type Answer } from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;
let nobody: V2Client;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  for (const name of ['alice', 'bob', 'carol', 'dave', 'erin'])
    await registry.createUser(name, { email: `${name}@example.com` });
  alice = new V2Client(registry, 'alice');
  nobody = new V2Client(registry);
  await pushImage(alice.repository('alice/app'), 'v1');
  await pushImage(alice.repository('alice/open'), 'v1');
  await registry.call('setVisibility', 'alice/open', 'public');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

type Access = { readonly type: string; readonly name: string; readonly actions: readonly string[] };
type Claims = {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly [time: string]: unknown;
  readonly access: readonly Access[];
};

const part = (token: string, index: number): unknown =>
  JSON.parse(Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8'));
const tokenIn = (answer: Answer): string => answer.json<{ token: string }>().token;
const claimsOf = (answer: Answer): Claims => part(tokenIn(answer), 1) as Claims;
/** Per name what may be done there, in order. */
const granted = (answer: Answer): Record<string, string> => {
  expect(answer.status).toBe(200);
  return Object.fromEntries(claimsOf(answer).access.map(({ name, actions }) => [name, [...actions].sort().join(',')]));
};
const form = (fields: Record<string, string>): Promise<Answer> =>
  nobody.send('POST', '/v2/auth', {
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });

describe('a token', () => {
  it('has the claims of the contract and is signed by the published key', async () => {
    const answer = await alice.requestToken(['repository:alice/app:pull,push']);
    expect(answer.header('content-type')).toBe('application/json');
    expect(answer.header('cache-control')).toBe('no-cache, no-store, must-revalidate');
    const {
      token,
      access_token: same,
      expires_in: seconds,
      issued_at: issued,
    } = answer.json<Record<string, unknown>>();
    expect([same, seconds]).toEqual([token, 3600]);
    expect(issued).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(claimsOf(answer)).toMatchObject({ iss: 'quay', aud: registry.host, sub: 'alice' });
    const { iat, exp } = claimsOf(answer);
    expect(Number(exp) - Number(iat)).toBe(3600);

    const header = part(tokenIn(answer), 0) as { alg: string; kid: string; typ: string };
    expect(header).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    const key = (await nobody.send('GET', `/keys/services/quay/keys/${header.kid}`)).json<JsonWebKey>();
    const [head, body, signature] = tokenIn(answer).split('.');
    const verify = createVerify('RSA-SHA256').update(`${head ?? ''}.${body ?? ''}`);
    expect(verify.verify(createPublicKey({ key, format: 'jwk' }), signature ?? '', 'base64url')).toBe(true);
  });

  it('DS-214 grants several scopes, each its own parameter or all in one', async () => {
    const scopes = ['repository:alice/app:pull,push', 'repository:alice/open:pull'];
    const expected = { 'alice/app': 'pull,push', 'alice/open': 'pull' };
    expect(granted(await alice.requestToken(scopes))).toEqual(expected);
    expect(granted(await alice.requestToken([scopes.join(' ')]))).toEqual(expected);
    const repeated = ['repository:alice/app:pull', 'repository:alice/app:push'];
    expect(granted(await alice.requestToken(repeated))).toEqual({ 'alice/app': 'pull,push' });
  });

  it('is narrowed to what the caller may do, and always names what he asked for', async () => {
    const bob = new V2Client(registry, 'bob');
    const all = (name: string): string => `repository:${name}:pull,push,delete,*`;
    expect(granted(await alice.requestToken([all('alice/app')]))).toEqual({ 'alice/app': '*,delete,pull,push' });
    expect(granted(await bob.requestToken([all('alice/app'), all('alice/open')]))).toEqual({
      'alice/app': '',
      'alice/open': 'pull',
    });
    await registry.call('grant', 'alice/app', 'bob', 'write');
    expect(granted(await bob.requestToken([all('alice/app')]))).toEqual({ 'alice/app': 'delete,pull,push' });
    await registry.call('grant', 'alice/app', 'bob', 'read');
    expect(granted(await bob.requestToken([all('alice/app')]))).toEqual({ 'alice/app': 'pull' });
    await registry.call('revoke', 'alice/app', 'bob');
    expect(granted(await bob.requestToken(['repository:bob/new:pull,push', 'repository:none/x:pull,push']))).toEqual({
      'bob/new': 'pull,push',
      'none/x': '',
    });
    expect(granted(await bob.requestToken(['repository:alice/app:pull,unknown']))).toEqual({ 'alice/app': '' });
    expect(granted(await bob.requestToken(['repository:alice/new:push']))).toEqual({ 'alice/new': '' });
  });

  it('echoes a name that begins with the host, and finds the repository all the same', async () => {
    const name = `${registry.host}/alice/app`;
    expect(granted(await alice.requestToken([`repository:${name}:pull`]))).toEqual({ [name]: 'pull' });
  });

  it('ignores scopes of other types, and empty ones', async () => {
    for (const scope of ['registry:catalog:*', 'repository(plugin):alice/app:pull', '']) {
      expect(granted(await alice.requestToken([scope]))).toEqual({});
    }
  });

  it('is given to nobody for what is public', async () => {
    const answer = await nobody.requestToken(['repository:alice/open:pull,push', 'repository:alice/app:pull']);
    expect(granted(answer)).toEqual({ 'alice/open': 'pull', 'alice/app': '' });
    expect(claimsOf(answer).sub).toBe('(anonymous)');
    const token = tokenIn(answer);
    expect((await nobody.send('GET', '/v2/', { token })).status).toBe(200);
    expect((await nobody.send('GET', '/v2/alice/open/manifests/v1', { token })).status).toBe(200);
    expect((await nobody.send('GET', '/v2/alice/open/manifests/v1')).status).toBe(200);
    expect((await nobody.send('GET', '/v2/alice/app/manifests/v1', { token })).refusal).toEqual([401, 'UNAUTHORIZED']);
  });

  it('is given by POST, with the scope that it has', async () => {
    const scope = 'repository:alice/app:pull,push repository:alice/open:pull';
    const base = { grant_type: 'password', client_id: 'test', service: registry.host, scope };
    const answer = await form({ ...base, username: 'alice', password: 'password1' });
    expect(granted(answer)).toEqual({ 'alice/app': 'pull,push', 'alice/open': 'pull' });
    expect(answer.json<{ scope: string }>().scope).toBe('repository:alice/app:push,pull repository:alice/open:pull');
    expect((await form({ ...base, username: 'erin', password: 'wrong-one' })).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await form({ ...base, grant_type: 'client_credentials' })).refusal).toEqual([400, 'INVALID_REQUEST']);
    expect((await form({ ...base, grant_type: 'refresh_token', refresh_token: 'x' })).refusal).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
    expect((await form(base)).refusal).toEqual([400, 'INVALID_REQUEST']);
  });

  it('serves what docker login asks for, by name and by e-mail', async () => {
    const parameters = { account: 'carol', client_id: 'docker', offline_token: 'true' };
    expect(granted(await new V2Client(registry, 'carol').requestToken([], parameters))).toEqual({});
    const byMail = new V2Client(registry, 'carol@example.com');
    expect(claimsOf(await byMail.requestToken([])).sub).toBe('carol');
  });
});

describe('a token request', () => {
  const refused = async (
    client: V2Client,
    scopes: string[],
    parameters = {},
  ): Promise<readonly [number, ...string[]]> => (await client.requestToken(scopes, parameters)).refusal;

  it('is refused when it cannot be understood', async () => {
    expect(await refused(alice, ['garbage'])).toEqual([400, 'INVALID_REQUEST']);
    expect((await alice.requestToken(['repository:alice/app'])).errors[0]?.message).toBe(
      'Unable to decode repository and actions: repository:alice/app',
    );
    expect(await refused(alice, ['repository:Alice/App:pull'])).toEqual([400, 'NAME_INVALID']);
    const eleven = Array.from({ length: 11 }, (_, number) => `repository:alice/r${number}:pull`);
    expect(await refused(alice, eleven)).toEqual([400, 'INVALID_REQUEST']);
    const long = { grant_type: 'password', username: 'alice', password: 'password1', scope: 'x'.repeat(17_000) };
    expect((await form(long)).refusal).toEqual([400, 'INVALID_REQUEST']);
    expect(await refused(alice, [], { service: 'other.example.com' })).toEqual([400, 'INVALID_REQUEST']);
  });

  it('is refused with wrong credentials, which never become anonymous', async () => {
    const wrong = new V2Client(registry, 'nobody-at-all', 'password1');
    const answer = await wrong.requestToken(['repository:alice/open:pull']);
    expect(answer.errors).toEqual([{ code: 'UNAUTHORIZED', message: 'Invalid Username or Password', detail: {} }]);
    expect(await refused(nobody, [])).toEqual([401, 'UNAUTHORIZED']);
    expect(await refused(alice, [], { account: 'bob' })).toEqual([401, 'UNAUTHORIZED']);
    for (const authorization of ['Basic !!!', `Bearer ${await alice.token()}`, 'Digest x']) {
      const other = await nobody.send('GET', '/v2/auth', { headers: { Authorization: authorization } });
      expect(other.errors[0]).toMatchObject({ code: 'UNAUTHORIZED', message: 'Specified credentials are invalid' });
    }
  });

  it('DS-171 is refused with 429 and Retry-After after wrong passwords, for that name alone', async () => {
    const wrong = new V2Client(registry, 'dave', 'wrong-password');
    const statuses: number[] = [];
    let last = await wrong.requestToken([]);
    for (let attempt = 0; attempt < 5 && last.status !== 429; attempt++) {
      statuses.push(last.status);
      last = await wrong.requestToken([]);
    }
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(last.refusal).toEqual([429, 'TOOMANYREQUESTS']);
    expect(Number(last.header('retry-after'))).toBeGreaterThan(0);
    expect((await alice.requestToken([])).status).toBe(200);
    const right = new V2Client(registry, 'dave');
    expect((await right.requestToken([])).status).toBe(429);
    await registry.call('advance', 24 * 3600);
    expect((await right.requestToken([])).status).toBe(200);
  });

  it('is refused for a disabled user, with the reason, if he knows his password', async () => {
    const bob = new V2Client(registry, 'bob');
    await registry.call('setDisabled', 'bob', true);
    expect((await bob.requestToken([])).errors[0]).toMatchObject({
      code: 'UNAUTHORIZED',
      message: 'This user has been disabled. Please contact your administrator.',
    });
    await registry.call('setDisabled', 'bob', false);
    expect((await bob.requestToken([])).status).toBe(200);
  });
});
