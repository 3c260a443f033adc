import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { createApplication, createOrganization } from '../support/applications.js';
import { agree, handedOver, pathWith } from '../support/consent.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client } from '../support/v2client.js';

let registry: ControlledRegistry;
let names = 0;
/** Somebody new for each test, with an organization and an application of his own. */
let owner: ApiClient;
let name: string;
let path: string;
let clientId: string;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});
beforeEach(async () => {
  name = `owner${++names}`;
  await registry.createUser(name);
  owner = await ApiClient.signedIn(registry, name);
  await createOrganization(owner, `org${names}`);
  clientId = (await createApplication(owner, `org${names}`, { name: 'automation' })).client_id;
  path = `/api/v1/organization/org${names}/applications/${clientId}`;
});

type Made = { readonly uuid: string; readonly token: string };

const made = async (scope: string, expiration?: number): Promise<Made> =>
  (await owner.post(`${path}/tokens`, { name: 'test', scope, ...(expiration && { expiration }) })).json<Made>();

/** How the registry protocol sees who shows the token as a password. */
const docker = ({ token }: Made): V2Client => new V2Client(registry, '$oauthtoken', token);

describe('on the registry protocol a token', () => {
  it.each([
    ['repo:read', 200, 401],
    ['repo:write', 200, 201],
    ['repo:admin', 200, 201],
    ['org:admin user:admin', 401, 401],
  ])('of %s pulls with %i and pushes with %i', async (scope, pulled, pushed) => {
    await pushImage(new V2Client(registry, name).repository(`${name}/app`), 'v1');
    const repository = docker(await made(scope)).repository(`${name}/app`);
    const blob = freshBytes();
    expect((await repository.get('manifests/v1')).status).toBe(pulled);
    expect((await repository.upload('post', blob, digestOf(blob))).status).toBe(pushed);
  });

  it.each<[string, (token: Made) => Promise<unknown>]>([
    ['it is revoked', ({ uuid }) => owner.delete(`${path}/tokens/${uuid}`)],
    ['its owner takes it back', ({ uuid }) => owner.delete(`/api/v1/user/authorizations/${uuid}`)],
    ['its application is removed', () => owner.delete(path)],
    ['its owner is disabled', () => registry.call('setDisabled', name, true)],
    ['it has run out', () => registry.call('advance', 120)],
  ])('is void, and what was issued to it, once %s', async (_what, end) => {
    await pushImage(new V2Client(registry, name).repository(`${name}/app`), 'v1');
    const token = await made('repo:read user:read', 60);
    const repository = docker(token).repository(`${name}/app`);
    const program = new ApiClient(registry, token.token);
    expect([(await repository.get('manifests/v1')).status, (await program.get('/api/v1/user/')).status]).toEqual([
      200, 200,
    ]);
    await end(token);
    expect([(await repository.get('manifests/v1')).status, (await program.get('/api/v1/user/')).status]).toEqual([
      401, 401,
    ]);
    expect((await docker(token).requestToken([])).status).toBe(401);
  });
});

describe('a token of somebody who is disabled', () => {
  it('rests with him, and is not made anew', async () => {
    const { token } = await made('user:read');
    const program = new ApiClient(registry, token);
    await registry.call('setDisabled', name, true);
    expect((await program.get('/api/v1/user/')).status).toBe(401);
    const asked = { response_type: 'token', client_id: clientId, scope: 'user:read' };
    const local = `${registry.url}/oauth/localapp`;
    expect((await owner.get(pathWith('/oauth/authorize', { ...asked, redirect_uri: local }))).status).toBe(401);
    await registry.call('setDisabled', name, false);
    expect((await program.get('/api/v1/user/')).status).toBe(200);
  });
});

it('a code runs out after ten minutes, and is no good while its owner is disabled', async () => {
  const redirect_uri = 'https://app.example.com/cb';
  const made = await owner.put(path, { name: 'app', redirect_uri, application_uri: '' });
  const { client_secret } = made.json<{ client_secret: string }>();
  const scope = 'user:read';
  const asked = { client_id: clientId, redirect_uri, scope };
  const exchange = async (code: string) =>
    (
      await new ApiClient(registry).send('POST', '/oauth/access_token', {
        body: new URLSearchParams({ ...asked, grant_type: 'authorization_code', client_secret, code }).toString(),
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'X-CSRF-Token': '' },
      })
    ).both;
  const first = handedOver(await agree(owner, asked)).query['code'] ?? '';
  await registry.call('setDisabled', name, true);
  expect(await exchange(first)).toEqual([400, { error: 'invalid_grant' }]);
  await registry.call('setDisabled', name, false);
  expect((await exchange(first))[0]).toBe(200);
  const second = handedOver(await owner.get(pathWith('/oauth/authorize', asked))).query['code'] ?? '';
  await registry.call('advance', 600);
  expect(await exchange(second)).toEqual([400, { error: 'invalid_grant' }]);
});

it('a token acts as its owner, as far as its scopes reach and no further', async () => {
  const reached = async (scope: string) => {
    const program = new ApiClient(registry, (await made(scope)).token);
    const statuses = [];
    for (const where of ['/api/v1/user/', '/api/v1/user/authorizations', `${path}/tokens`]) {
      statuses.push((await program.get(where)).status);
    }
    return statuses;
  };
  expect(await reached('user:read')).toEqual([200, 403, 403]);
  expect(await reached('user:admin')).toEqual([200, 200, 403]);
  expect(await reached('org:admin')).toEqual([401, 403, 200]);
  expect(await reached('repo:admin repo:create')).toEqual([401, 403, 403]);
});
