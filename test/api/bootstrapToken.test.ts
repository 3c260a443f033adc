import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { RegistryProcess } from '../support/registry.js';
import { quickFolder } from '../support/world.js';

const folder = quickFolder();
const path = join(folder, 'quay', 'token.json');
const settings = {
  FEATURE_PROGRAMMATIC_BOOTSTRAP: 'true',
  FEATURE_USER_INITIALIZE: 'true',
  SUPER_USERS: '["root"]',
  BOOTSTRAP_TOKEN_OWNER: 'root',
  BOOTSTRAP_TOKEN_PATH: path,
};

let registry: RegistryProcess;
beforeAll(async () => {
  registry = await RegistryProcess.start(settings);
});
afterAll(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true, force: true });
});

const token = (): string => (JSON.parse(readFileSync(path, 'utf8')) as { access_token: string }).access_token;
const granted = async (bearer: string) =>
  (await new ApiClient(registry, bearer).get('/api/v1/user/authorizations')).status;
const renew = (bearer: string | undefined, headers: { readonly [name: string]: string } = {}) =>
  new ApiClient(registry, '').send('POST', '/api/v1/bootstrap/renew', {
    headers: { ...headers, Authorization: bearer === undefined ? '' : `Bearer ${bearer}` },
  });
const local = { 'X-Quay-Bootstrap-Renewal-Location': 'local' };

it('there is no token before there is somebody whom it could act for', () => {
  expect(registry.output).toContain('the owner of the bootstrap token does not exist');
  expect(existsSync(path)).toBe(false);
});

it('a start puts a token in its place, for its owner alone; the next one leaves it there', async () => {
  await registry.createUser('root');
  await registry.restart();
  const first = token();
  expect(first).toMatch(/^[A-Za-z0-9]{40}$/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await granted(first)).toBe(200);
  await registry.restart();
  expect(token()).toBe(first);
});

it('is replaced by who has it; the one before serves nobody any more', async () => {
  const before = token();
  const renewed = await renew(before);
  expect(renewed.both).toEqual([200, { status: 'rotated' }]);
  expect(token()).not.toBe(before);
  expect(renewed.text).not.toContain(token());
  expect([await granted(before), await granted(token())]).toEqual([401, 200]);
});

it('is not replaced by who has another one, or none', async () => {
  const invalid = expect.objectContaining({
    title: 'invalid_token',
    detail: 'Requires valid bootstrap bearer token',
  });
  for (const bearer of [undefined, 'x'.repeat(40)]) expect((await renew(bearer)).both).toEqual([401, invalid]);
  const owner = await ApiClient.signedIn(registry, 'root');
  expect((await owner.post('/api/v1/bootstrap/renew')).both).toEqual([401, invalid]);
  await registry.restart('SIGTERM', { BOOTSTRAP_TOKEN_EXPIRATION: '1' });
  await renew(token());
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  const expired = token();
  expect(await granted(expired)).toBe(401);
  expect((await renew(expired)).both).toEqual([401, invalid]);
  for (const forwarded of ['127.0.0.1', '192.0.2.7, 127.0.0.1']) {
    expect((await renew(expired, { ...local, 'X-Forwarded-For': forwarded })).status).toBe(401);
  }
  expect(token()).toBe(expired);
  expect((await renew(expired, local)).both).toEqual([200, { status: 'rotated' }]);
  expect(token()).not.toBe(expired);
});

it('is gone, application and all, once nobody wants it any more', async () => {
  // The one of a second has run out: the start makes another one.
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  await registry.restart('SIGTERM', { BOOTSTRAP_TOKEN_EXPIRATION: '3600' });
  const last = token();
  expect(await granted(last)).toBe(200);
  await registry.restart('SIGTERM', { FEATURE_PROGRAMMATIC_BOOTSTRAP: 'false' });
  expect(existsSync(path)).toBe(false);
  expect(await granted(last)).toBe(401);
  expect((await renew(last)).status).toBe(404);
});
