import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';

type Operation = readonly [method: string, path: string, body?: object];

/** What only looks; every superuser may. */
const LOOKS: readonly Operation[] = [
  ['GET', '/api/v1/superuser/users/'],
  ['GET', '/api/v1/superuser/users/ada'],
  ['GET', '/api/v1/superuser/organizations/'],
  ['GET', '/api/v1/superuser/registrysize/'],
  ['GET', '/api/v1/superuser/changelog/'],
  ['GET', '/api/v1/superuser/config'],
];
/** The same, but nobody has to prove his password again. */
const LOOKS_ANY_TIME: readonly Operation[] = [
  ['GET', '/api/v1/superuser/keys'],
  ['GET', '/api/v1/superuser/keys/none'],
];
/** What changes something; whoever may only look may not. None of them does, since what they name is not there. */
const CHANGES: readonly Operation[] = [
  ['POST', '/api/v1/superuser/users/', { username: 'No Name' }],
  ['PUT', '/api/v1/superuser/users/nobody', {}],
  ['DELETE', '/api/v1/superuser/users/nobody'],
  ['POST', '/api/v1/superusers/users/nobody/sendrecovery'],
  ['PUT', '/api/v1/superuser/organizations/nobody', {}],
  ['DELETE', '/api/v1/superuser/organizations/nobody'],
  ['POST', '/api/v1/superuser/takeownership/nobody'],
  ['POST', '/api/v1/superuser/keys', { service: 'No', expiration: null }],
  ['PUT', '/api/v1/superuser/keys/none', {}],
  ['DELETE', '/api/v1/superuser/keys/none'],
  ['POST', '/api/v1/superuser/approvedkeys/none'],
  ['POST', '/api/v1/superuser/registrysize/'],
];
const ALL = [...LOOKS, ...LOOKS_ANY_TIME, ...CHANGES];
/** The same rule, refused in plain sentences. */
const MESSAGES: readonly Operation[] = [
  ['POST', '/api/v1/messages', { message: { content: '', media_type: 'text/plain', severity: 'info' } }],
  ['DELETE', '/api/v1/message/none'],
];

let registry: RegistryProcess;
let admin: ApiClient;
let weak: ApiClient;
let readers: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount({
    ...{ GLOBAL_READONLY_SUPER_USERS: '["auditor"]', FEATURE_SUPERUSER_CONFIGDUMP: 'true' },
  }));
  for (const name of ['ada', 'auditor']) await registry.createUser(name);
  await admin.post('/api/v1/organization/', { name: 'tokens' });
  const { client_id: id } = (await admin.post('/api/v1/organization/tokens/applications', { name: 'weak' })).json<{
    client_id: string;
  }>();
  const issued = await admin.post(`/api/v1/organization/tokens/applications/${id}/tokens/`, {
    ...{ name: 'weak', scope: 'org:admin repo:admin user:admin repo:create' },
  });
  weak = new ApiClient(registry, issued.json<{ token: string }>().token);
  readers = await ApiClient.signedIn(registry, 'auditor');
});
afterAll(() => registry.stop());

const send = (client: ApiClient, [method, path, body]: Operation) =>
  client.send(method, path, body === undefined ? {} : { body });
const status = async (client: ApiClient, operation: Operation): Promise<number> =>
  (await send(client, operation)).status;
const problem = (error: string) => expect.objectContaining({ error_type: error });

describe('nobody in particular', () => {
  it.each([...ALL, ...MESSAGES])('may not: %s %s', async (...operation) => {
    expect((await send(new ApiClient(registry), operation)).both).toEqual([401, problem('invalid_token')]);
  });
});

describe('somebody who is no superuser', () => {
  let ada: ApiClient;
  beforeAll(async () => {
    ada = await ApiClient.signedIn(registry, 'ada');
  });

  it.each(ALL)('may not: %s %s', async (...operation) => {
    expect((await send(ada, operation)).both).toEqual([403, problem('insufficient_scope')]);
  });

  it.each(MESSAGES)('may not: %s %s', async (...operation) => {
    expect(await status(ada, operation)).toBe(403);
  });

  it('hears of a bad body before that', async () => {
    expect((await ada.post('/api/v1/superuser/users/', {})).both).toEqual([400, problem('invalid_request')]);
    expect((await ada.post('/api/v1/superuser/keys', {})).both).toEqual([400, problem('invalid_request')]);
    expect((await ada.post('/api/v1/messages', {})).both).toEqual([400, problem('invalid_request')]);
  });
});

describe("a superuser's token that does not say that he is one", () => {
  it.each([...ALL, ...MESSAGES])('may not: %s %s', async (...operation) => {
    expect(await status(weak, operation)).toBe(403);
  });
});

describe('a superuser who only reads', () => {
  it.each(LOOKS)('may: %s %s', async (...operation) => {
    expect(await status(readers, operation)).toBe(200);
  });

  it('may look at keys', async () => {
    expect(await status(readers, ['GET', '/api/v1/superuser/keys'])).toBe(200);
    expect(await status(readers, ['GET', '/api/v1/superuser/keys/none'])).toBe(404);
  });

  it.each([...CHANGES, ...MESSAGES])('may not: %s %s', async (...operation) => {
    expect(await status(readers, operation)).toBe(403);
  });
});

describe('a superuser', () => {
  it.each([...ALL, ...MESSAGES])('may: %s %s', async (...operation) => {
    expect([200, 201, 202, 204, 400, 404]).toContain(await status(admin, operation));
  });
});

describe('a session that began a while ago', () => {
  let stale: ApiClient;
  let ada: ApiClient;
  beforeAll(async () => {
    await registry.restart('SIGTERM', { FRESH_LOGIN_TIMEOUT: '0s' });
    stale = await ApiClient.signedIn(registry, 'quayadmin');
    ada = await ApiClient.signedIn(registry, 'ada');
  });

  it.each([...LOOKS, ...CHANGES, ...MESSAGES])('needs the password again for: %s %s', async (...operation) => {
    expect((await send(stale, operation)).both).toEqual([
      401,
      expect.objectContaining({ title: 'fresh_login_required', detail: 'Requires fresh login' }),
    ]);
  });

  it('may look at keys all the same', async () => {
    expect(await status(stale, ['GET', '/api/v1/superuser/keys'])).toBe(200);
    expect(await status(stale, ['GET', '/api/v1/superuser/keys/none'])).toBe(404);
  });

  it('is told of that before anything else', async () => {
    expect((await ada.post('/api/v1/superuser/users/', {})).both).toEqual([401, problem('fresh_login_required')]);
  });

  it('does not concern tokens', async () => {
    expect(await status(admin, ['GET', '/api/v1/superuser/users/'])).toBe(200);
  });
});
