import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { avatar } from '../support/apiAnswers.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { pushImage } from '../support/images.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

/** Its first account is a superuser and owns the organization; bob is a member of it, eve is not. */
let registry: RegistryProcess;
let admin: ApiClient;
let bob: ApiClient;
let eve: ApiClient;

const organization = '/api/v1/organization/test-org';
const robots = `${organization}/robots`;
const app = '/api/v1/repository/test-org/app/permissions';
const WHEN = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000$/;
const TOKEN = /^[A-Z0-9]{64}$/;

const robot = (name: string, more: object = {}) => ({
  ...{ name: `test-org+${name}`, created: expect.stringMatching(WHEN), last_accessed: null, description: '' },
  ...more,
});
const statuses = async (answers: readonly Promise<{ readonly status: number }>[]): Promise<number[]> =>
  (await Promise.all(answers)).map(({ status }) => status);
const ok = async (answer: Promise<{ readonly status: number; readonly text: string }>): Promise<void> => {
  const { status, text } = await answer;
  if (status >= 300) throw new Error(`answered with ${status}: ${text}`);
};
const create = async (name: string): Promise<string> =>
  (await admin.put(`${robots}/${name}`)).json<{ token: string }>().token;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount({ FEATURE_MAILING: 'false' }));
  await registry.createUser('bob');
  await registry.createUser('eve');
  [bob, eve] = [await ApiClient.signedIn(registry, 'bob'), await ApiClient.signedIn(registry, 'eve')];
  await ok(admin.post('/api/v1/organization/', { name: 'test-org', email: 'org@example.com' }));
  await ok(admin.put(`${organization}/team/devs`, { role: 'member' }));
  await ok(admin.put(`${organization}/team/devs/members/bob`));
  await pushImage(new V2Client(registry, 'quayadmin').repository('test-org/app'), 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('the robots of an organization', () => {
  it('are made, given another token and deleted, as chapter 5 of the guide has it', async () => {
    const made = await admin.send('PUT', `${robots}/test`);
    expect(made.both).toEqual([
      201,
      robot('test', { token: expect.stringMatching(TOKEN), unstructured_metadata: null }),
    ]);
    const again = await admin.send('POST', `${robots}/test/regenerate`);
    expect(again.both).toEqual([200, robot('test', { token: expect.stringMatching(TOKEN) })]);
    expect(again.json<{ token: string }>().token).not.toBe(made.json<{ token: string }>().token);
    const deleted = await admin.delete(`${robots}/test`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await admin.get(robots)).both).toEqual([200, { robots: [] }]);
  });

  it('are seen by members, with tokens and rights by administrators alone', async () => {
    const token = await create('seen');
    const all = '?permissions=true&token=true';
    const [whole] = (await admin.get(`${robots}${all}`)).json<{ robots: object[] }>().robots;
    expect(whole).toEqual(robot('seen', { token, teams: [], repositories: [] }));
    expect((await bob.get(`${robots}${all}`)).both).toEqual([200, { robots: [robot('seen')] }]);
    expect((await admin.get(`${robots}/seen`)).body).toMatchObject({ token, unstructured_metadata: {} });
    expect(await statuses([bob.get(`${robots}/seen`), eve.get(robots), eve.get(`${robots}/seen`)])).toEqual([
      ...[403, 403, 403],
    ]);
    expect((await new ApiClient(registry).get(robots)).status).toBe(401);
  });

  it('are changed by administrators alone', async () => {
    await create('changed');
    const one = `${robots}/changed`;
    for (const somebody of [bob, eve]) {
      const tries = [
        somebody.put(`${robots}/other`),
        somebody.post(`${one}/regenerate`),
        somebody.get(`${one}/federation`),
        somebody.post(`${one}/federation`, []),
        somebody.delete(`${one}/federation`),
        somebody.delete(one),
      ];
      expect(await statuses(tries)).toEqual([403, 403, 403, 403, 403, 403]);
      const plain = await somebody.get(`${one}/permissions`);
      expect(plain.both).toEqual([403, { message: expect.stringContaining("don't have the permission") }]);
    }
    expect((await admin.get(`${one}/permissions`)).both).toEqual([200, { permissions: [] }]);
  });

  it('of nobody are not found', async () => {
    const nowhere = '/api/v1/organization/nowhere/robots';
    expect(await statuses([bob.get(nowhere), bob.put(`${nowhere}/ci`), bob.get(`${nowhere}/ci/permissions`)])).toEqual([
      ...[403, 403, 403],
    ]);
  });

  it('do in repositories what they and their teams were given, and are shown with it', async () => {
    const token = await create('ci');
    const repository = () => new V2Client(registry, 'test-org+ci', token).repository('test-org/app');
    const rights = async (): Promise<readonly [pull: number, push: number]> => [
      (await repository().get('manifests/v1')).status,
      (await repository().send('POST', 'blobs/uploads/')).status,
    ];
    expect(await rights()).toEqual([401, 401]);

    expect((await admin.put(`${app}/user/test-org+ci`, { role: 'read' })).both).toEqual([
      200,
      {
        ...{ role: 'read', name: 'test-org+ci', is_robot: true, is_org_member: true },
        avatar: avatar('test-org+ci', 'robot'),
      },
    ]);
    expect(await rights()).toEqual([200, 401]);

    await ok(admin.put(`${organization}/team/devs/members/test-org+ci`));
    expect((await admin.put(`${app}/team/devs`, { role: 'write' })).both).toEqual([
      200,
      { role: 'write', name: 'devs', avatar: avatar('devs', 'team') },
    ]);
    expect(await rights()).toEqual([200, 202]);
    expect((await admin.get(`${app}/user/test-org+ci/transitive`)).body).toEqual({
      permissions: [{ role: 'read' }, { role: 'write' }],
    });
    expect((await admin.get(`${app}/user/bob/transitive`)).body).toEqual({ permissions: [{ role: 'write' }] });
    expect((await admin.get(`${app}/user/bob`)).status).toBe(400);
    expect((await admin.get(`${app}/team/devs`)).both).toEqual([200, { role: 'write' }]);
    expect((await admin.get(`${app}/team/`)).body).toMatchObject({ permissions: { devs: { role: 'write' } } });

    const [shown] = (await admin.get(`${robots}?permissions=true`))
      .json<{ robots: { name: string }[] }>()
      .robots.filter(({ name }) => name === 'test-org+ci');
    expect(shown).toMatchObject({ teams: [{ name: 'devs', avatar: avatar('devs', 'team') }], repositories: ['app'] });
    expect((await admin.get(`${robots}/ci/permissions`)).body).toEqual({
      permissions: [{ repository: { name: 'app', is_public: false }, role: 'read' }],
    });

    expect((await admin.delete(`${app}/team/devs`)).status).toBe(204);
    expect(await rights()).toEqual([200, 401]);
    expect((await admin.get(`${app}/team/devs`)).both).toEqual([
      400,
      { message: 'Team does not have permission for repo.' },
    ]);
    await ok(admin.delete(`${app}/user/test-org+ci`));
    expect(await rights()).toEqual([401, 401]);
  });

  it('that are deleted leave their teams', async () => {
    await create('leaving');
    await ok(admin.put(`${organization}/team/devs/members/test-org+leaving`));
    await ok(admin.put(`${app}/user/test-org+leaving`, { role: 'admin' }));
    const members = async () => (await admin.get(`${organization}/team/devs/members`)).text;
    expect(await members()).toContain('test-org+leaving');
    await ok(admin.delete(`${robots}/leaving`));
    expect(await members()).not.toContain('leaving');
    expect((await admin.get(`${app}/user/`)).text).not.toContain('leaving');
  });

  it('create repositories where a team of theirs may, and have them then', async () => {
    const token = await create('maker');
    const push = async (name: string) => {
      const client = new V2Client(registry, 'test-org+maker', token);
      return (await client.repository(name).send('POST', 'blobs/uploads/')).status;
    };
    expect(await push('test-org/made')).toBe(401);
    await ok(admin.put(`${organization}/team/makers`, { role: 'creator' }));
    await ok(admin.put(`${organization}/team/makers/members/test-org+maker`));
    expect(await push('test-org/made')).toBe(202);
    expect(await push('quayadmin/made')).toBe(401);
    expect((await admin.get('/api/v1/repository/test-org/made/permissions/user/')).body).toMatchObject({
      permissions: { 'test-org+maker': { role: 'admin', is_robot: true } },
    });
  });

  it('have no rights in another organization', async () => {
    await create('abroad');
    await ok(admin.post('/api/v1/organization/', { name: 'elsewhere' }));
    await pushImage(new V2Client(registry, 'quayadmin').repository('elsewhere/app'), 'v1');
    const refused = await admin.put('/api/v1/repository/elsewhere/app/permissions/user/test-org+abroad', {
      role: 'read',
    });
    expect([refused.status, refused.json<{ detail: string }>().detail]).toEqual([
      400,
      'Cannot add robot test-org+abroad under namespace elsewhere',
    ]);
    const owner = await admin.put('/api/v1/repository/elsewhere/app/permissions/user/elsewhere', { role: 'read' });
    expect(owner.json<{ detail: string }>().detail).toBe('Namespace owner must always be admin.');
  });
});

it('a token without the scope for its owner does not show what robots may do', async () => {
  const made = await admin.post(`${organization}/applications`, { name: 'narrow' });
  const { client_id: client } = made.json<{ client_id: string }>();
  const tokens = `${organization}/applications/${client}/tokens`;
  const issued = await admin.post(tokens, { name: 'org', scope: 'org:admin' });
  const narrow = new ApiClient(registry, issued.json<{ token: string }>().token);
  await create('narrow');
  expect((await narrow.get(`${robots}/narrow`)).status).toBe(200);
  expect((await narrow.get(`${robots}/narrow/permissions`)).status).toBe(403);
  expect((await narrow.get(`${app}/user/`)).status).toBe(403);
  expect((await narrow.get('/api/v1/user/robots')).status).toBe(403);
});

it('a read-only superuser sees robots, but not their tokens', async () => {
  await registry.createUser('auditor');
  await registry.restart('SIGTERM', { GLOBAL_READONLY_SUPER_USERS: '["auditor"]' });
  const auditor = await ApiClient.signedIn(registry, 'auditor');
  const one = await auditor.get(`${robots}/ci`);
  expect([one.status, one.body]).toEqual([200, expect.not.objectContaining({ token: expect.anything() })]);
  const all = await auditor.get(`${robots}?permissions=true`);
  expect(all.text).not.toMatch(/"token"/);
  expect(all.json<{ robots: object[] }>().robots[0]).toHaveProperty('repositories');
  expect(await statuses([auditor.get(`${robots}/ci/permissions`), auditor.get(`${app}/user/`)])).toEqual([200, 200]);
  expect(await statuses([auditor.delete(`${robots}/ci`), auditor.put(`${app}/user/eve`, { role: 'read' })])).toEqual([
    ...[403, 403],
  ]);
});

it('a superuser with full access administers the robots of others', async () => {
  await registry.restart('SIGTERM', { FEATURE_SUPERUSERS_FULL_ACCESS: 'true', GLOBAL_READONLY_SUPER_USERS: '[]' });
  await ok(eve.post('/api/v1/organization/', { name: 'eves' }));
  expect((await admin.put('/api/v1/organization/eves/robots/ci')).status).toBe(201);
  expect((await admin.get('/api/v1/organization/eves/robots/ci/permissions')).status).toBe(200);
  await eve.put('/api/v1/user/robots/own');
  expect((await admin.get('/api/v1/organization/eve/robots/own')).both).toEqual([
    400,
    { message: 'Organization does not exist: eve' },
  ]);
});
