import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { invalid } from '../support/apiAnswers.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { pushImage } from '../support/images.js';
import { PASSWORD, type RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let admin: ApiClient;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount());
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const robots = '/api/v1/user/robots';
const WHEN = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000$/;
const TOKEN = /^[A-Z0-9]{64}$/;
const UNKNOWN = { message: 'Could not find robot with specified username' };
const robot = (name: string, more: object = {}) => ({
  ...{ name: `quayadmin+${name}`, created: expect.stringMatching(WHEN), last_accessed: null, description: '' },
  ...more,
});
const create = async (name: string, body: object = {}): Promise<string> =>
  (await admin.put(`${robots}/${name}`, body)).json<{ token: string }>().token;

/** What the robot gets with a token of its, as a client that logs in sees it. */
const logsIn = async (name: string, token: string): Promise<readonly [status: number, message?: string]> => {
  const answer = await new V2Client(registry, name, token).requestToken([]);
  return answer.status === 200 ? [200] : [answer.status, answer.errors[0]?.message ?? ''];
};

describe('the robots of a user', () => {
  it('are made, shown, given another token and deleted, as chapter 5 of the guide has it', async () => {
    const made = await admin.send('PUT', `${robots}/robot-name`);
    expect(made.both).toEqual([
      201,
      robot('robot-name', { token: expect.stringMatching(TOKEN), unstructured_metadata: null }),
    ]);
    const { token } = made.json<{ token: string }>();
    expect((await admin.get(`${robots}/robot-name`)).both).toEqual([
      200,
      robot('robot-name', { token, unstructured_metadata: {} }),
    ]);

    const again = await admin.send('POST', `${robots}/robot-name/regenerate`);
    expect(again.both).toEqual([200, robot('robot-name', { token: expect.stringMatching(TOKEN) })]);
    const { token: other } = again.json<{ token: string }>();
    expect(other).not.toBe(token);

    const deleted = await admin.delete(`${robots}/robot-name`);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await admin.get(robots)).both).toEqual([200, { robots: [] }]);
    expect((await admin.get(`${robots}/robot-name`)).both).toEqual([400, UNKNOWN]);
  });

  it('keep what was noted about them', async () => {
    const notes = { description: 'pushes what is built', unstructured_metadata: { team: 'infra', since: [2024] } };
    expect((await admin.put(`${robots}/noted`, notes)).both).toEqual([201, expect.objectContaining(notes)]);
    expect((await admin.get(`${robots}/noted`)).body).toMatchObject(notes);
    const listed = await admin.get(robots);
    expect(listed.body).toEqual({
      robots: [robot('noted', { description: notes.description, token: expect.any(String) })],
    });
  });

  it('are listed with what was asked for', async () => {
    await create('second');
    const names = async (query: string): Promise<object[]> =>
      (await admin.get(`${robots}?${query}`)).json<{ robots: object[] }>().robots;
    expect(await names('limit=1')).toHaveLength(1);
    expect(await names('token=false&limit=1')).toEqual([expect.not.objectContaining({ token: expect.anything() })]);
    expect(await names('permissions=true&limit=1')).toEqual([expect.objectContaining({ teams: [], repositories: [] })]);
    const refused = await admin.get(`${robots}?limit=many`);
    expect(refused.both).toEqual([400, { message: { limit: expect.any(String) } }]);
  });

  it('have each a name of its own that is one', async () => {
    await create('once');
    expect((await admin.put(`${robots}/once`)).both).toEqual(invalid('Existing robot with name: quayadmin+once'));
    const refused = await admin.put(`${robots}/${encodeURIComponent('No Robot')}`);
    const FORM = '^([a-z0-9]+(?:[._-][a-z0-9]+)*)$';
    expect(refused.both).toEqual(
      invalid(`The name for the robot 'No Robot' is invalid: Namespace must match expression ${FORM}`),
    );
  });

  it('are made without a body, or with one that is no JSON, but not with a wrong one', async () => {
    const put = (name: string, body: string) => admin.send('PUT', `${robots}/${name}`, { body });
    expect((await put('garbled', '{"description": ')).status).toBe(201);
    expect((await put('wrong', '{"description": 1}')).both).toEqual(invalid("1 is not of type 'string'"));
    const long = JSON.stringify({ description: 'x'.repeat(256) });
    expect((await put('wrong', long)).status).toBe(400);
    const many = JSON.stringify({ unstructured_metadata: { x: 'x'.repeat(20_000) } });
    expect((await put('wrong', many)).both).toEqual(
      invalid('unstructured_metadata must be at most 16384 characters in length'),
    );
  });

  it('that are not there are unknown, whatever is asked of them', async () => {
    const path = `${robots}/nobody`;
    const asked = [
      await admin.get(path),
      await admin.get(`${path}/permissions`),
      await admin.get(`${path}/federation`),
      await admin.post(`${path}/regenerate`),
      await admin.post(`${path}/federation`, []),
      await admin.delete(`${path}/federation`),
      await admin.delete(path),
    ];
    expect(asked.map(({ both }) => both)).toEqual(asked.map(() => [400, UNKNOWN]));
  });

  it('are nobody else’s', async () => {
    const anonymous = new ApiClient(registry);
    expect((await anonymous.get(robots)).status).toBe(401);
    expect((await anonymous.put(`${robots}/evil`)).status).toBe(401);
    await registry.createUser('bob');
    const bob = await ApiClient.signedIn(registry, 'bob');
    expect((await bob.get(robots)).both).toEqual([200, { robots: [] }]);
    expect((await bob.delete(`${robots}/once`)).both).toEqual([400, UNKNOWN]);
    const paths = ['', '/once', '/once/permissions', '/once/federation'];
    const answers = paths.map(async (path) => (await bob.get(`/api/v1/organization/quayadmin/robots${path}`)).status);
    expect(await Promise.all(answers)).toEqual([403, 403, 403, 403]);
  });

  it('are reached through the paths of organizations where the web needs it', async () => {
    await create('mine');
    const own = '/api/v1/organization/quayadmin/robots';
    const missing = [400, { message: 'Organization does not exist: quayadmin' }];
    expect((await admin.get(own)).status).toBe(200);
    expect((await admin.get(`${own}/mine`)).both).toEqual(missing);
    expect((await admin.put(`${own}/other`)).both).toEqual(missing);
    expect((await admin.post(`${own}/mine/regenerate`)).both).toEqual(missing);
    expect((await admin.get(`${own}/mine/permissions`)).both).toEqual(missing);
    expect((await admin.get(`${own}/mine/federation`)).both).toEqual([200, []]);
    expect((await admin.delete(`${own}/mine`)).status).toBe(204);
  });
});

describe('whom a robot trusts', () => {
  const identity = { issuer: 'https://issuer.example.com', subject: 'system:builder' };
  const path = `${robots}/federated/federation`;
  beforeAll(() => create('federated'));

  it('is nobody, until it is set, as a whole', async () => {
    expect((await admin.get(path)).both).toEqual([200, []]);
    const other = { ...identity, subject: 'other' };
    expect((await admin.post(path, [{ ...identity, audiences: ['x'] }, other])).both).toEqual([200, [identity, other]]);
    expect((await admin.post(path, [identity])).both).toEqual([200, [identity]]);
    expect((await admin.get(path)).both).toEqual([200, [identity]]);
    expect((await admin.delete(path)).status).toBe(204);
    expect((await admin.get(path)).both).toEqual([200, []]);
  });

  it.each<[string, unknown]>([
    ["'subject' is a required property", [{ issuer: 'https://issuer.example.com' }]],
    ["1 is not of type 'string'", [{ ...identity, issuer: 1 }]],
    ["'x' is not of type 'object'", ['x']],
    ['Missing one or more required fields (issuer, subject)', [{ ...identity, subject: '' }]],
    ['Issuer must be a URL (http:// or https://)', [{ ...identity, issuer: 'issuer.example.com' }]],
    ['Duplicate federation config entry', [identity, identity]],
  ])('is refused: %s', async (detail, body) => {
    expect((await admin.post(path, body)).both).toEqual(invalid(detail));
  });

  it('is a list', async () => {
    const refused = await admin.post(path, identity);
    expect(refused.both).toEqual([400, expect.objectContaining({ error_type: 'invalid_request' })]);
    expect((await admin.send('POST', path, { body: 'null' })).both).toEqual(invalid('Missing JSON body'));
    expect((await admin.send('POST', path, { body: '[' })).status).toBe(400);
    expect((await admin.send('POST', path)).status).toBe(415);
  });
});

describe('a robot that logs in', () => {
  it('shows its token, and no other', async () => {
    const token = await create('client');
    expect(await logsIn('quayadmin+client', token)).toEqual([200]);
    expect(await logsIn('quayadmin+client', 'X'.repeat(64))).toEqual([
      401,
      'Could not find robot with username: quayadmin+client and supplied password.',
    ]);
    expect(await logsIn('quayadmin+nobody', token)).toEqual([401, 'Could not find robot with specified username']);
    expect((await logsIn('quayadmin+client', PASSWORD))[0]).toBe(401);
    expect(await logsIn('quayadmin+client', token)).toEqual([200]);
  });

  it('is seen to be used; those that never were are listed first', async () => {
    const token = await create('used');
    await create('unused');
    expect(await logsIn('quayadmin+used', token)).toEqual([200]);
    expect((await admin.get(`${robots}/used`)).body).toMatchObject({ last_accessed: expect.stringMatching(WHEN) });
    const all = (await admin.get(robots)).json<{ robots: { name: string; last_accessed: string | null }[] }>().robots;
    const uses = all.map(({ last_accessed: used }) => used !== null);
    expect(uses).toEqual(uses.toSorted((one, other) => Number(one) - Number(other)));
    expect(all.find(({ name }) => name === 'quayadmin+unused')?.last_accessed).toBeNull();
    expect(uses.at(-1)).toBe(true);
  });

  it('is kept out with an old token, and what that one got is void at once', async () => {
    const owner = new V2Client(registry, 'quayadmin');
    await pushImage(owner.repository('quayadmin/app'), 'v1');
    const token = await create('old');
    const permission = '/api/v1/repository/quayadmin/app/permissions/user/quayadmin+old';
    await admin.put(permission, { role: 'write' });
    const client = new V2Client(registry, 'quayadmin+old', token);
    await pushImage(client.repository('quayadmin/app'), 'v2');

    const other = (await admin.post(`${robots}/old/regenerate`)).json<{ token: string }>().token;
    expect((await client.repository('quayadmin/app').get('manifests/v2')).status).toBe(401);
    expect(await logsIn('quayadmin+old', token)).toEqual([401, expect.any(String)]);
    const renewed = new V2Client(registry, 'quayadmin+old', other).repository('quayadmin/app');
    expect((await renewed.get('manifests/v2')).status).toBe(200);

    await admin.delete(`${robots}/old`);
    expect((await renewed.get('manifests/v2')).status).toBe(401);
    expect(await logsIn('quayadmin+old', other)).toEqual([401, 'Could not find robot with specified username']);
  });

  it('inherits nothing from one of the same name', async () => {
    const token = await create('heir');
    await admin.put('/api/v1/repository/quayadmin/app/permissions/user/quayadmin+heir', { role: 'read' });
    expect(
      (await new V2Client(registry, 'quayadmin+heir', token).repository('quayadmin/app').get('manifests/v1')).status,
    ).toBe(200);
    await admin.delete(`${robots}/heir`);
    const permissions = '/api/v1/repository/quayadmin/app/permissions/user/';
    expect((await admin.get(permissions)).json<{ permissions: object }>().permissions).not.toHaveProperty([
      'quayadmin+heir',
    ]);
    const next = await create('heir');
    expect(await logsIn('quayadmin+heir', next)).toEqual([200]);
    expect(
      (await new V2Client(registry, 'quayadmin+heir', next).repository('quayadmin/app').get('manifests/v1')).status,
    ).toBe(401);
    expect((await admin.get(`${robots}/heir/permissions`)).both).toEqual([200, { permissions: [] }]);
  });
});

describe('where robots are disallowed', () => {
  it('none is made and none is let in, but those that are exempt', async () => {
    const token = await create('exempt');
    const kept = await create('kept-out');
    await registry.restart('SIGTERM', {
      ROBOTS_DISALLOW: 'true',
      ROBOTS_WHITELIST: '["quayadmin+exempt", "quayadmin+late"]',
    });
    expect((await admin.put(`${robots}/new`)).both).toEqual(
      invalid('Robot accounts have been disabled. Please contact your administrator.'),
    );
    expect((await admin.put(`${robots}/late`)).status).toBe(201);
    expect(await logsIn('quayadmin+exempt', token)).toEqual([200]);
    expect(await logsIn('quayadmin+kept-out', kept)).toEqual([
      401,
      'Robot accounts have been disabled. Please contact your administrator.',
    ]);
  });
});

describe('where users are restricted', () => {
  it('they make and change no robots of their own, but see those that they have', async () => {
    const bob = await ApiClient.signedIn(registry, 'bob');
    await registry.restart('SIGTERM', { ROBOTS_DISALLOW: 'false' });
    expect((await bob.put(`${robots}/before`)).status).toBe(201);
    await registry.restart('SIGTERM', { FEATURE_RESTRICTED_USERS: 'true' });
    const refused = [
      await bob.put(`${robots}/after`),
      await bob.post(`${robots}/before/regenerate`),
      await bob.post(`${robots}/before/federation`, []),
      await bob.delete(`${robots}/before/federation`),
      await bob.delete(`${robots}/before`),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await bob.get(`${robots}/before`)).status).toBe(200);
    expect((await admin.put(`${robots}/of-a-superuser`)).status).toBe(201);
  });
});
