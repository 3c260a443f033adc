import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import type { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { pushImage } from '../support/images.js';
import { OidcIssuer, type TokenWish } from '../support/oidcIssuer.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client, type Answer } from '../support/v2client.js';

const SUBJECT = 'repo:org/app:ref:refs/heads/main';
const NAME = 'quayadmin+ci';
const federation = '/api/v1/user/robots/ci/federation';

let issuer: OidcIssuer;
let registry: RegistryProcess;
let admin: ApiClient;

beforeAll(async () => {
  issuer = await OidcIssuer.start();
  ({ registry, admin } = await withFirstAccount({ SSRF_ALLOWED_HOSTS: '["127.0.0.1"]' }));
  await admin.put('/api/v1/user/robots/ci');
  await admin.put('/api/v1/user/robots/other');
  await pushImage(new V2Client(registry, 'quayadmin').repository('quayadmin/app'), 'v1');
  await admin.put(`/api/v1/repository/quayadmin/app/permissions/user/${NAME}`, { role: 'write' });
});
beforeEach(async () => {
  await admin.post(federation, [{ issuer: issuer.url, subject: SUBJECT }]);
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
  await issuer.stop();
});

const ask = (headers: Record<string, string>): Promise<Answer> =>
  new V2Client(registry).send('GET', '/oauth2/federation/robot/token', { headers });
const basic = (text: string): Record<string, string> => ({
  Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const exchange = (token: string, name = NAME): Promise<Answer> => ask(basic(`${name}:${token}`));
const pass = async (token: string): Promise<string> => (await exchange(token)).json<{ token: string }>().token;
const both = ({ status, text }: Answer): readonly [number, unknown] => [status, JSON.parse(text)];
const claimsOf = (jwt: string): unknown => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

describe('whom a robot trusts', () => {
  it('gets a password of the robot for an hour, and pushes and pulls with it', async () => {
    const answer = await exchange(await issuer.token(SUBJECT));
    expect(answer.status).toBe(200);
    const { token } = answer.json<{ token: string }>();
    const now = Date.now() / 1000;
    expect(claimsOf(token)).toMatchObject({ sub: NAME, aud: registry.host, exp: expect.any(Number) });
    const { exp } = claimsOf(token) as { exp: number };
    expect(Math.abs(exp - now - 3600)).toBeLessThan(30);

    const client = new V2Client(registry, NAME, token);
    await pushImage(client.repository('quayadmin/app'), 'v2');
    expect((await client.repository('quayadmin/app').get('manifests/v2')).status).toBe(200);
  });

  it('loses it at once when he is trusted no more, or the robot gets another token', async () => {
    const client = new V2Client(registry, NAME, await pass(await issuer.token(SUBJECT)));
    const repository = client.repository('quayadmin/app');
    expect((await repository.get('manifests/v1')).status).toBe(200);
    await admin.delete(federation);
    expect((await repository.get('manifests/v1')).status).toBe(401);
    expect((await client.requestToken([])).status).toBe(401);

    await admin.post(federation, [{ issuer: issuer.url, subject: SUBJECT }]);
    const again = new V2Client(registry, NAME, await pass(await issuer.token(SUBJECT)));
    expect((await again.requestToken([])).status).toBe(200);
    await admin.post('/api/v1/user/robots/ci/regenerate');
    expect((await again.requestToken([])).status).toBe(401);
  });

  it('may serve himself of that robot only', async () => {
    const refused = await new V2Client(
      registry,
      'quayadmin+other',
      await pass(await issuer.token(SUBJECT)),
    ).requestToken([]);
    expect([refused.status, refused.errors[0]?.message]).toEqual([401, 'Token does not match robot']);
  });

  it('cannot use the password as something else', async () => {
    const token = await pass(await issuer.token(SUBJECT));
    const asBearer = await new V2Client(registry).send('GET', '/v2/', { token });
    expect(asBearer.status).toBe(401);
  });

  it('is believed without asking his issuer each time', async () => {
    await exchange(await issuer.token(SUBJECT));
    const before = await issuer.asked();
    await exchange(await issuer.token(SUBJECT));
    expect(await issuer.asked()).toEqual(before);
  });
});

describe('a token that proves nothing', () => {
  const wishes: readonly (readonly [string, TokenWish, string | RegExp])[] = [
    ['has run out', { claims: { exp: 1_700_000_000 } }, 'Invalid token: "exp" claim timestamp check failed'],
    ['never runs out', { claims: { exp: null } }, 'Invalid token: missing required "exp" claim'],
    ['is not valid yet', { claims: { nbf: 4_000_000_000 } }, 'Invalid token: "nbf" claim timestamp check failed'],
    ['names nobody', { claims: { sub: null } }, 'Invalid token: missing required "sub" claim'],
    ['names no issuer', { claims: { iss: null } }, 'Token does not contain issuer'],
    ['names another', { claims: { sub: 'repo:org/app:ref:refs/heads/evil' } }, 'Token does not match robot'],
    ['was signed with a key that is not published', { signature: 'unpublished' }, /^Invalid token: /],
    ['was signed with what is published', { signature: 'shared-secret' }, /^Invalid token: /],
    ['was not signed', { signature: 'none' }, /^Invalid token: /],
  ];

  it.each(wishes)('is refused: it %s', async (_, wish, message) => {
    const answer = await exchange(await issuer.token(SUBJECT, wish));
    expect(answer.status).toBe(400);
    const said = answer.json<{ message: string }>().message;
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });

  it('is refused: it is none', async () => {
    const answer = await exchange('no-token');
    expect(both(answer)).toEqual([400, { message: expect.stringMatching(/^Invalid token: /) }]);
  });

  it('is refused where the robot trusts others, or nobody, or is not there', async () => {
    const foreign = await issuer.token(SUBJECT, { claims: { iss: 'https://issuer.example.com' } });
    expect(both(await exchange(foreign))).toEqual([
      400,
      { message: 'issuer https://issuer.example.com not configured for this robot' },
    ]);
    const token = await issuer.token(SUBJECT);
    expect(both(await exchange(token, 'quayadmin+other'))).toEqual([
      400,
      { message: 'Robot does not have federated login configured' },
    ]);
    expect(both(await exchange(token, 'quayadmin+nobody'))).toEqual([
      400,
      { message: 'Could not find robot with specified username' },
    ]);
  });

  it.each<[string, string, string]>([
    ['is another than it says', '/other', 'Invalid token: the issuer says that it is another'],
    ['has its keys where nobody may ask', '/elsewhere', 'Invalid token: the issuer may not be asked'],
    ['is silent', '/nothing', 'Invalid token: the issuer answers with status 404'],
  ])('is refused: its issuer %s', async (_, path, message) => {
    const url = `${issuer.url}${path}`;
    await admin.post(federation, [{ issuer: url, subject: SUBJECT }]);
    const token = await issuer.token(SUBJECT, { claims: { iss: url } });
    expect(both(await exchange(token))).toEqual([400, { message }]);
  });

  it('is refused: its issuer does not answer, or may not be asked', async () => {
    for (const [url, message] of [
      ['http://127.0.0.1:1', 'Invalid token: the issuer does not answer'],
      ['http://10.255.255.1', 'Invalid token: the issuer may not be asked'],
      ['http://metadata.internal', 'Invalid token: the issuer may not be asked'],
    ] as const) {
      await admin.post(federation, [{ issuer: url, subject: SUBJECT }]);
      const token = await issuer.token(SUBJECT, { claims: { iss: url } });
      expect(both(await exchange(token))).toEqual([400, { message }]);
    }
  });
});

describe('a request without credentials', () => {
  it.each<[string, Record<string, string>]>([
    ['No auth header', {}],
    ['Invalid basic auth header', { Authorization: 'Bearer x' }],
    ['Invalid basic auth header', { Authorization: 'Basic' }],
    ['Invalid basic auth header', { Authorization: 'Basic a b' }],
    ['Could not parse basic auth header', { Authorization: 'Basic ***' }],
    ['Unexpected number of credentials found in basic auth header', basic('no-colon')],
    ['Invalid robot', basic('quayadmin:token')],
  ])('is refused: %s', async (error, headers) => {
    expect(both(await ask(headers))).toEqual([401, { error }]);
  });
});

it('what the configuration does not allow is not asked', async () => {
  await admin.post(federation, [{ issuer: issuer.url, subject: SUBJECT }]);
  await registry.restart('SIGTERM', { SSRF_ALLOWED_HOSTS: '[]' });
  const before = await issuer.asked();
  const answer = await exchange(await issuer.token(SUBJECT));
  expect(both(answer)).toEqual([400, { message: 'Invalid token: the issuer may not be asked' }]);
  expect(await issuer.asked()).toEqual(before);
});
