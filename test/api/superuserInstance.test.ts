import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { PASSWORD, RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let admin: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount({
    ...{ FEATURE_SUPERUSER_CONFIGDUMP: 'true', GLOBAL_READONLY_SUPER_USERS: '["auditor"]' },
    ...{ APP_SPECIFIC_TOKEN_EXPIRATION: '1d', MAIL_PASSWORD: 'mail-secret' },
  }));
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('the size of the registry', () => {
  const PATH = '/api/v1/superuser/registrysize/';
  type Size = { size_bytes: number; last_ran: number | null; queued: boolean; running: boolean };
  const size = async (): Promise<Size> => (await admin.get(PATH)).json<Size>();
  const calculated = async (after: number): Promise<Size> => {
    for (;;) {
      const now = await size();
      if ((now.last_ran ?? 0) > after) return now;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  it('is zero before it was asked for', async () => {
    expect((await admin.get(PATH)).both).toEqual([
      200,
      { size_bytes: 0, last_ran: null, queued: false, running: false },
    ]);
  });

  it('is calculated on demand, each content counted once', async () => {
    const client = new V2Client(registry, 'quayadmin', PASSWORD);
    const [one, other] = [Buffer.alloc(70_000, 1), Buffer.from('small')];
    for (const bytes of [one, other]) await client.repository('quayadmin/app').pushBlob(bytes);
    const queued = await admin.send('POST', PATH);
    expect([
      [201, '""\n'],
      [202, '""\n'],
    ]).toContainEqual([queued.status, queued.text]);
    const first = await calculated(0);
    expect(first.size_bytes).toBe(70_005);
    expect(first).toMatchObject({ queued: false, running: false });
    expect(Math.abs(Date.now() - (first.last_ran ?? 0))).toBeLessThan(60_000);

    await client.repository('quayadmin/copy').pushBlob(one);
    expect([201, 202]).toContain((await admin.send('POST', PATH)).status);
    expect((await calculated(first.last_ran ?? 0)).size_bytes).toBe(first.size_bytes);
  });
});

it('the change log is Markdown', async () => {
  const { log } = (await admin.get('/api/v1/superuser/changelog/')).json<{ log: string }>();
  expect(log).toMatch(/^# Changes\n/);
  expect((await admin.get('/api/v1/superuser/changelog')).status).toBe(200);
});

it('the status of the registry anybody is told', async () => {
  expect((await new ApiClient(registry).get('/api/v1/superuser/registrystatus')).both).toEqual([
    200,
    { status: 'ready', provider_id: 'file' },
  ]);
});

it('the configuration is shown without its secrets', async () => {
  const dump = await admin.get('/api/v1/superuser/config');
  expect(dump.status).toBe(200);
  expect(dump.body).toMatchObject({
    config: { SERVER_HOSTNAME: registry.host, MAIL_PASSWORD: '********** (11)', FEATURE_SUPERUSER_CONFIGDUMP: true },
    ...{ warning: {}, env: { TIDEMARK_SERVER_HOSTNAME: registry.host }, schema: { type: 'object' } },
  });
  expect(dump.text).not.toContain('mail-secret');
});

describe('tokens of applications', () => {
  const PATH = '/api/v1/superuser/apptokens';
  const token = (title: string) => ({
    ...{ uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), title, last_accessed: null },
    ...{ created: expect.stringMatching(/ -0000$/), expiration: expect.stringMatching(/ -0000$/) },
  });
  let auditor: ApiClient;
  beforeAll(async () => {
    for (const name of ['ada', 'auditor']) await registry.createUser(name);
    const ada = await ApiClient.signedIn(registry, 'ada');
    expect((await ada.post('/api/v1/user/apptoken', { title: 'laptop' })).status).toBe(200);
    auditor = await ApiClient.signedIn(registry, 'auditor');
  });

  it('are listed for who may look everywhere, without what they are', async () => {
    const listed = await auditor.get(PATH);
    expect(listed.both).toEqual([200, { tokens: [token('laptop')], only_expiring: null }]);
    expect((await auditor.get(`${PATH}?expiring=true`)).both).toEqual([200, { tokens: [], only_expiring: true }]);
    expect((await auditor.get(`${PATH}?expiring=false`)).body).toMatchObject({ only_expiring: false });
  });

  it('are not for a superuser who does not have full access', async () => {
    expect((await admin.get(PATH)).status).toBe(403);
    await registry.restart('SIGTERM', { FEATURE_SUPERUSERS_FULL_ACCESS: 'true' });
    expect((await admin.get(PATH)).both).toEqual([200, { tokens: [token('laptop')], only_expiring: null }]);
  });
});

describe('what is switched off', () => {
  beforeAll(async () => {
    await registry.restart('SIGTERM', {
      ...{ FEATURE_SUPERUSER_CONFIGDUMP: 'false', FEATURE_APP_SPECIFIC_TOKENS: 'false', SETUP_COMPLETE: 'false' },
    });
  });

  it('is refused or not there', async () => {
    expect((await admin.get('/api/v1/superuser/config')).status).toBe(403);
    expect((await admin.get('/api/v1/superuser/apptokens')).status).toBe(404);
    expect((await admin.get('/api/v1/superuser/registrystatus')).both).toEqual([200, { status: 'setup-incomplete' }]);
  });

  it('is all of it where there are no superusers', async () => {
    await registry.restart('SIGTERM', { FEATURE_SUPER_USERS: 'false' });
    for (const path of [
      'users/',
      'organizations/',
      'keys',
      'registrysize/',
      'changelog/',
      'config',
      'registrystatus',
    ]) {
      expect((await admin.get(`/api/v1/superuser/${path}`)).status).toBe(404);
    }
    await registry.restart('SIGTERM', { FEATURE_SUPER_USERS: 'true' });
  });

  it('is all of it, but for a few, on the hosted service', async () => {
    await registry.restart('SIGTERM', { SERVER_HOSTNAME: 'quay.io', FEATURE_SUPERUSER_CONFIGDUMP: 'true' });
    for (const path of ['users/', 'users/quayadmin', 'organizations/', 'keys', 'registrysize/', 'changelog/']) {
      expect((await admin.get(`/api/v1/superuser/${path}`)).both).toEqual([
        404,
        expect.objectContaining({ error_type: 'not_found' }),
      ]);
    }
    // Told before the body is looked at.
    expect((await admin.post('/api/v1/superuser/users/', {})).status).toBe(404);
    expect((await admin.get('/api/v1/superuser/config')).status).toBe(200);
  });
});

describe('the end of the process', () => {
  it('is not for everybody', async () => {
    const ada = await ApiClient.signedIn(registry, 'ada');
    for (const client of [ada, new ApiClient(registry)]) {
      expect((await client.post('/api/v1/superuser/shutdown')).both).toEqual([
        403,
        { message: expect.stringMatching(/^You don't have the permission/) },
      ]);
    }
  });

  it('comes when a superuser wants it, after his request was answered', async () => {
    const ended = once(registry.child, 'exit');
    expect((await admin.post('/api/v1/superuser/shutdown')).both).toEqual([200, {}]);
    expect(await ended).toEqual([0, null]);
  });

  it('comes when anybody wants it who finds the registry empty', async () => {
    const empty = await RegistryProcess.start();
    try {
      const ended = once(empty.child, 'exit');
      expect((await new ApiClient(empty).post('/api/v1/superuser/shutdown')).both).toEqual([200, {}]);
      expect(await ended).toEqual([0, null]);
    } finally {
      await empty.stop();
    }
  });
});
