import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let admin: ApiClient;
let ada: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount({
    ...{ SUPER_USERS: '["quayadmin", "second"]', GLOBAL_READONLY_SUPER_USERS: '["auditor"]' },
  }));
  for (const name of ['ada', 'second']) await registry.createUser(name, { email: `${name}@example.com` });
  ada = await ApiClient.signedIn(registry, 'ada');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const ORGANIZATIONS = '/api/v1/superuser/organizations/';
const TAKE = '/api/v1/superuser/takeownership';
type Listed = { organizations: { name: string; email: string }[]; next_page?: string };
const list = async (query = ''): Promise<Listed> => (await admin.get(`${ORGANIZATIONS}${query}`)).json();
const names = async (query = ''): Promise<string[]> => (await list(query)).organizations.map(({ name }) => name);
const create = async (name: string, more: object = {}): Promise<void> => {
  expect((await ada.post('/api/v1/organization/', { name, ...more })).status).toBe(201);
};
const organization = (name: string, email = '') => ({
  ...{ name, email },
  avatar: { name, kind: 'org', hash: expect.any(String), color: expect.any(String) },
});
const rule = (message: string) => [400, { message }];
const owners = async (client: ApiClient, name: string): Promise<string[]> =>
  (await client.get(`/api/v1/organization/${name}/team/owners/members`))
    .json<{ members: { name: string }[] }>()
    .members.map((member) => member.name);

describe('organizations', () => {
  it('are all listed, with the addresses that they are reached at', async () => {
    await create('buynlarge', { email: 'contact@buynlarge.com' });
    await create('acme');
    const listed = await admin.get(ORGANIZATIONS);
    expect(listed.both).toEqual([
      200,
      { organizations: [organization('acme'), organization('buynlarge', 'contact@buynlarge.com')] },
    ]);
  });

  it('are listed by pages where a limit is given', async () => {
    const first = await list('?limit=1');
    expect(first).toEqual({ organizations: [organization('acme')], next_page: expect.any(String) });
    expect(await names(`?limit=1&next_page=${first.next_page ?? ''}`)).toEqual(['buynlarge']);
    expect((await admin.get(`${ORGANIZATIONS}?limit=101`)).both).toEqual([
      400,
      expect.objectContaining({ detail: 'Page limit cannot be above 100' }),
    ]);
  });

  it('get another name, and keep everything under it', async () => {
    await ada.put('/api/v1/organization/acme/robots/ci');
    const renamed = await admin.put(`${ORGANIZATIONS}acme`, { name: 'acme-corp' });
    expect(renamed.both).toEqual([200, organization('acme-corp')]);
    expect(await names()).toEqual(['acme-corp', 'buynlarge']);
    expect((await ada.get('/api/v1/organization/acme-corp/robots/ci')).body).toMatchObject({ name: 'acme-corp+ci' });
    expect((await ada.get('/api/v1/organization/acme')).status).toBe(404);
    expect((await admin.put(`${ORGANIZATIONS}acme-corp`, {})).both).toEqual([200, organization('acme-corp')]);
  });

  it('get names that are free and well-formed, and nobody else does', async () => {
    const rename = (name: string) => admin.put(`${ORGANIZATIONS}acme-corp`, { name });
    expect((await rename('Not Good')).both).toEqual(
      rule('Invalid username Not Good: Namespace must match expression ^([a-z0-9]+(?:[._-][a-z0-9]+)*)$'),
    );
    for (const taken of ['buynlarge', 'ada', 'auditor']) {
      expect((await rename(taken)).both).toEqual(rule('Username is not available'));
    }
    expect((await admin.put(`${ORGANIZATIONS}ada`, { name: 'eve' })).both).toEqual(
      rule('Organization does not exist: ada'),
    );
    expect((await admin.put(`${ORGANIZATIONS}nobody`, { name: 'eve' })).status).toBe(404);
    expect((await admin.put(`${ORGANIZATIONS}acme-corp`, { name: 7 })).both).toEqual([
      400,
      expect.objectContaining({ detail: "7 is not of type 'string'" }),
    ]);
  });

  it('are deleted', async () => {
    const deleted = await admin.delete(`${ORGANIZATIONS}acme-corp`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect(await names()).toEqual(['buynlarge']);
    expect((await admin.delete(`${ORGANIZATIONS}acme-corp`)).status).toBe(404);
    expect((await admin.delete(`${ORGANIZATIONS}ada`)).status).toBe(404);
  });
});

describe('taking ownership', () => {
  it('of an organization makes the superuser one of its owners', async () => {
    expect((await admin.get('/api/v1/organization/buynlarge/team/owners/members')).status).toBe(403);
    const taken = await admin.post(`${TAKE}/buynlarge`);
    expect(taken.both).toEqual([200, { namespace: 'buynlarge' }]);
    expect((await owners(admin, 'buynlarge')).sort()).toEqual(['ada', 'quayadmin']);
    expect((await admin.post(`${TAKE}/buynlarge`)).status).toBe(200);
    expect(await owners(admin, 'buynlarge')).toHaveLength(2);
  });

  it('of a user makes an organization of him, which the superuser owns', async () => {
    await registry.createUser('leaver', { email: 'leaver@example.com' });
    const repository = new V2Client(registry, 'leaver').repository('leaver/app');
    const digest = await repository.pushBlob('left behind');
    const taken = await admin.post(`${TAKE}/leaver`);
    expect(taken.both).toEqual([200, { namespace: 'leaver' }]);
    expect(await owners(admin, 'leaver')).toEqual(['quayadmin']);
    expect((await list()).organizations).toContainEqual(organization('leaver', 'leaver@example.com'));
    expect((await admin.get('/api/v1/superuser/users/leaver')).status).toBe(404);
    expect((await new V2Client(registry, 'leaver').requestToken([])).status).toBe(401);
    const mine = new V2Client(registry, 'quayadmin').repository('leaver/app');
    expect((await mine.get(`blobs/${digest}`)).status).toBe(200);
  });

  it('is noted for auditors, with who did it', async () => {
    const lines = (await registry.run(['events', 'list', '--type', 'OwnershipTaken', '--json'])).trim().split('\n');
    const events = lines.map((line) => JSON.parse(line) as { data: object; metadata: object });
    expect(events.map(({ data }) => data)).toMatchObject([{ wasUser: false }, { wasUser: false }, { wasUser: true }]);
    for (const { metadata } of events) {
      expect(metadata).toMatchObject({
        actor: { kind: 'user' },
        credential: { kind: 'oauth-token' },
        asSuperuser: true,
      });
    }
  });

  it('stops at superusers, and at what is not there', async () => {
    for (const name of ['second', 'quayadmin']) {
      expect((await admin.post(`${TAKE}/${name}`)).both).toEqual([
        400,
        expect.objectContaining({ detail: 'Cannot take ownership of a superuser' }),
      ]);
    }
    expect((await admin.post(`${TAKE}/nobody`)).both).toEqual([404, expect.objectContaining({ title: 'not_found' })]);
  });
});
