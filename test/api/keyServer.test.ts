import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import '../support/patience.js';
import type { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';

/** A key of a service, which the registry never sees the private half of. */
type OwnKey = { readonly kid: string; readonly jwk: JWK; readonly privateKey: CryptoKey };

let registry: RegistryProcess;
let admin: ApiClient;
let numbers = 0;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount());
});
afterAll(() => registry.stop());

const ownKey = async (): Promise<OwnKey> => {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
  return { kid: `key-${++numbers}`, jwk: await exportJWK(publicKey), privateKey };
};
const pathOf = ({ kid }: Pick<OwnKey, 'kid'>, service = 'clair'): string => `/keys/services/${service}/keys/${kid}`;

type Signed = { readonly by: OwnKey; readonly service?: string; readonly audience?: string; readonly named?: boolean };
const token = ({ by, service = 'clair', audience = registry.url, named = true }: Signed): Promise<string> =>
  new SignJWT({})
    .setProtectedHeader({ alg: 'RS256', ...(named ? { kid: by.kid } : {}) })
    .setIssuer(service)
    .setAudience(audience)
    .setExpirationTime('5m')
    .sign(by.privateKey);

type Sent = { readonly method: string; readonly path: string; readonly jwt?: string; readonly body?: unknown };
async function send({ method, path, jwt, body }: Sent): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${registry.url}${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...(jwt === undefined ? {} : { Authorization: `Bearer ${jwt}` }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}
const get = async (path: string): Promise<readonly [status: number, body: unknown]> => {
  const { status, text } = await send({ method: 'GET', path });
  return [status, JSON.parse(text)];
};
const put = async (key: OwnKey, signed: Signed = { by: key }, query = ''): Promise<number> =>
  (await send({ method: 'PUT', path: `${pathOf(key)}${query}`, jwt: await token(signed), body: key.jwk })).status;
const remove = async (key: OwnKey, signed: Signed = { by: key }): Promise<number> =>
  (await send({ method: 'DELETE', path: pathOf(key), jwt: await token(signed) })).status;
const approve = ({ kid }: OwnKey) => admin.post(`/api/v1/superuser/approvedkeys/${kid}`, { notes: 'it is ours' });
const shown = ({ kid }: OwnKey) => admin.get(`/api/v1/superuser/keys/${kid}`);
const usable = async (): Promise<readonly string[]> => {
  const [, body] = await get('/keys/services/clair/keys');
  return (body as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
};
const approvedKey = async (): Promise<OwnKey> => {
  const key = await ownKey();
  await put(key);
  await approve(key);
  return key;
};

describe('a service', () => {
  it('hands in its key, which a superuser approves, and replaces it by the next one', async () => {
    const first = await ownKey();
    const expiration = Math.floor(Date.now() / 1000) + 7_200;
    expect(await put(first, { by: first }, `?expiration=${expiration}&rotation=3600`)).toBe(202);
    expect((await get(pathOf(first)))[0]).toBe(409);
    expect(await usable()).toEqual([]);
    expect((await shown(first)).body).toMatchObject({
      ...{ kid: first.kid, service: 'clair', name: '', approval: null, rotation_duration: 3_600 },
      ...{ expiration_date: new Date(expiration * 1000).toUTCString() },
      metadata: { ip: expect.stringMatching(/127\.0\.0\.1|::1/) },
    });

    await approve(first);
    expect(await get(pathOf(first))).toEqual([200, { ...first.jwk, kid: first.kid }]);
    expect(await get('/keys/services/clair/keys')).toEqual([200, { keys: [{ ...first.jwk, kid: first.kid }] }]);
    const { headers } = await send({ method: 'GET', path: pathOf(first) });
    expect(Number(/max-age=(\d+)/.exec(headers.get('cache-control') ?? '')?.[1])).toBeLessThanOrEqual(7_200);

    const second = await ownKey();
    expect(await put(second, { by: first })).toBe(200);
    expect(await usable()).toEqual([second.kid]);
    expect((await get(pathOf(first)))[0]).toBe(404);
    expect((await shown(second)).body).toMatchObject({
      ...{ service: 'clair', metadata: { created_by: 'Key Rotation' } },
      approval: { approval_type: 'Key Rotation', approver: null, notes: '' },
    });

    expect(await remove(second)).toBe(204);
    expect(await usable()).toEqual([]);
  });

  it('need not name its key where it signs for itself', async () => {
    const key = await ownKey();
    expect(await put(key, { by: key, named: false })).toBe(202);
    expect(await put(key)).toBe(202);
    expect(await remove(key, { by: key, named: false })).toBe(204);
  });

  it('may hand in a key of another kind once it has an approved one', async () => {
    const signer = await approvedKey();
    const ec = await generateKeyPair('ES256', { extractable: true });
    const jwk = await exportJWK(ec.publicKey);
    const key = { kid: 'ec', jwk, privateKey: ec.privateKey };
    expect(await put(key, { by: signer })).toBe(200);
    expect(await get(pathOf(key))).toEqual([200, { ...jwk, kid: 'ec' }]);
  });

  it('keeps private halves to itself', async () => {
    const key = await ownKey();
    const whole = await exportJWK(key.privateKey);
    expect(await put({ ...key, jwk: whole })).toBe(202);
    expect(JSON.stringify((await shown(key)).body)).not.toContain(whole.d);
    expect((await shown(key)).body).toMatchObject({ jwk: { ...key.jwk, kid: key.kid } });
  });

  it('takes back its other keys', async () => {
    const [signer, other] = [await approvedKey(), await ownKey()];
    await put(other);
    expect(await remove(other, { by: signer })).toBe(204);
    expect(await remove(other, { by: signer })).toBe(404);
  });
});

describe('the key server refuses', () => {
  it('what is no key, or signed by nobody, or not for it', async () => {
    const key = await ownKey();
    const sent = async (changes: Partial<Sent>): Promise<number> => {
      const jwt = await token({ by: key });
      return (await send({ method: 'PUT', path: pathOf(key), jwt, body: key.jwk, ...changes })).status;
    };
    expect(await sent({ body: { kty: 'RSA', n: key.jwk.n } })).toBe(400);
    expect(await sent({ body: { kty: 'oct', k: 'secret' } })).toBe(400);
    expect(await sent({ body: '{' })).toBe(400);
    const unsigned = await send({ method: 'PUT', path: pathOf(key), body: key.jwk });
    expect(unsigned.status).toBe(400);
    expect(await sent({ jwt: 'nothing' })).toBe(400);
    expect(await sent({ jwt: await token({ by: key, service: 'other' }) })).toBe(400);
    expect(await sent({ jwt: await token({ by: key, audience: 'http://elsewhere' }) })).toBe(400);
    expect(await sent({ jwt: await token({ by: { ...(await ownKey()), kid: key.kid } }) })).toBe(400);
    expect(await sent({ path: `${pathOf(key)}?expiration=soon` })).toBe(400);
    expect(await sent({ path: `${pathOf(key)}?expiration=1000` })).toBe(400);
    expect(await sent({ path: `${pathOf(key)}?rotation=often` })).toBe(400);
    expect(await sent({ path: pathOf({ kid: 'k'.repeat(256) }) })).toBe(400);
    expect((await shown(key)).status).toBe(404);
  });

  it('a name of a service that is none', async () => {
    const key = await ownKey();
    const jwt = await token({ by: key, service: 'Clair' });
    expect((await send({ method: 'PUT', path: pathOf(key, 'Clair'), jwt, body: key.jwk })).status).toBe(400);
  });

  it('another key under an id that is taken', async () => {
    const key = await ownKey();
    await put(key);
    const thief = { ...(await ownKey()), kid: key.kid };
    expect(await put(thief)).toBe(400);
    expect((await shown(key)).body).toMatchObject({ jwk: { n: key.jwk.n } });
  });

  it('signers that are unknown, not approved, of another service, or expired', async () => {
    const [stranger, waiting, expired] = [await ownKey(), await ownKey(), await approvedKey()];
    await put(waiting);
    const soon = Date.now() / 1000 + 1;
    await admin.put(`/api/v1/superuser/keys/${expired.kid}`, { expiration: soon });
    const other = await ownKey();
    const path = pathOf(other, 'notary');
    await send({ method: 'PUT', path, jwt: await token({ by: other, service: 'notary' }), body: other.jwk });
    await approve(other);
    while (Date.now() / 1000 <= soon) await new Promise((resolve) => setTimeout(resolve, 50));

    const next = await ownKey();
    for (const by of [stranger, waiting, expired, other]) {
      expect(await put(next, { by })).toBe(403);
      expect(await remove(waiting, { by })).toBe(by === waiting ? 204 : 403);
      if (by === waiting) await put(waiting);
    }
    expect((await get(pathOf(expired)))[0]).toBe(403);
    expect(await usable()).not.toContain(expired.kid);
    expect((await admin.get('/api/v1/superuser/keys')).json<{ keys: { kid: string }[] }>().keys).toContainEqual(
      expect.objectContaining({ kid: expired.kid }),
    );
  });

  it('to take away what is not there, or whose owner did not sign', async () => {
    const key = await ownKey();
    expect(await remove(key)).toBe(404);
    await put(key);
    expect(await remove(key, { by: { ...(await ownKey()), kid: key.kid } })).toBe(400);
    expect((await send({ method: 'DELETE', path: pathOf(key) })).status).toBe(400);
    expect((await send({ method: 'DELETE', path: pathOf(key, 'notary'), jwt: await token({ by: key }) })).status).toBe(
      404,
    );
    expect((await shown(key)).status).toBe(200);
  });

  it("to touch the registry's own key, which it shows", async () => {
    const [, body] = await get('/keys/services/quay/keys');
    const [own] = (body as { keys: { kid: string }[] }).keys;
    expect(await get(`/keys/services/quay/keys/${own?.kid ?? ''}`)).toEqual([200, own]);
    const key = { ...(await ownKey()), kid: own?.kid ?? '' };
    expect(await put(key)).toBe(403);
  });

  it('to write while the registry is read-only', async () => {
    const [key, next] = [await approvedKey(), await ownKey()];
    await registry.restart('SIGTERM', { REGISTRY_STATE: 'readonly' });
    expect(await put(next)).toBe(503);
    expect(await remove(key)).toBe(503);
    expect(await usable()).toContain(key.kid);
    await registry.restart('SIGTERM', { REGISTRY_STATE: 'normal' });
  });
});

it('keys that nobody approves are gone after a time', async () => {
  const key = await ownKey();
  await put(key);
  await registry.restart('SIGTERM', { UNAPPROVED_SERVICE_KEY_TTL_SEC: '0' });
  for (;;) {
    if ((await shown(key)).status === 404) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await get(pathOf(key)))[0]).toBe(404);
});
