import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { forbidden, invalid } from '../support/apiAnswers.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { createApplication, createOrganization } from '../support/applications.js';
import { pushBusybox } from '../support/busybox.js';
import { Community } from '../support/community.js';

let community: Community<'ada' | 'bob' | 'eve'>;
let ada: ApiClient;
let bob: ApiClient;
let eve: ApiClient;

beforeAll(async () => {
  community = await Community.start(['ada', 'bob', 'eve'], { FEATURE_REQUIRE_TEAM_INVITE: 'false' });
  [ada, bob, eve] = [community.as('ada'), community.as('bob'), community.as('eve')];
  await createOrganization(ada, 'acme');
});
afterAll(() => community.stop());

const ORGANIZATION = '/api/v1/organization/acme';

async function team(name: string, role: 'member' | 'creator' | 'admin', ...members: readonly string[]): Promise<void> {
  expect((await ada.put(`${ORGANIZATION}/team/${name}`, { name, role })).status).toBe(200);
  for (const member of members) {
    expect((await ada.put(`${ORGANIZATION}/team/${name}/members/${member}`)).status).toBe(200);
  }
}
const create = (client: ApiClient, repository: string, changes: object = {}): Promise<ApiAnswer> =>
  client.post('/api/v1/repository', {
    namespace: 'acme',
    repository,
    visibility: 'private',
    description: '',
    ...changes,
  });
const listed = async (client: ApiClient, query = '?namespace=acme'): Promise<readonly string[]> =>
  (await client.get(`/api/v1/repository${query}`))
    .json<{ repositories: { name: string }[] }>()
    .repositories.map(({ name }) => name);
const rolesOf = async (repository: string, kind: 'user' | 'team'): Promise<unknown> => {
  const answer = await ada.get(`/api/v1/repository/acme/${repository}/permissions/${kind}/`);
  const { permissions } = answer.json<{ permissions: Record<string, { role: string }> }>();
  return Object.fromEntries(Object.entries(permissions).map(([name, { role }]) => [name, role]));
};

describe('repositories of an organization', () => {
  it('are created by who administers it or belongs to a team of creators, and by nobody else', async () => {
    expect((await create(ada, 'one')).both).toEqual([201, { namespace: 'acme', name: 'one', kind: 'image' }]);
    expect((await create(bob, 'two')).both).toEqual(forbidden);
    await team('makers', 'creator', 'bob');
    expect((await create(bob, 'two')).status).toBe(201);
    expect(await rolesOf('two', 'user')).toEqual({ bob: 'admin' });
    expect((await create(bob, 'one')).both).toEqual(invalid('Repository already exists'));
    expect((await ada.get('/api/v1/repository/acme/two')).body).toMatchObject({
      is_organization: true,
      can_admin: true,
    });
  });

  it('are listed for the members of the teams that they were given to, and for its administrators', async () => {
    await team('readers', 'member', 'eve');
    expect([await listed(ada), await listed(bob), await listed(eve)]).toEqual([['one', 'two'], ['two'], []]);
    const permission = '/api/v1/repository/acme/one/permissions/team/readers';
    expect((await ada.put(permission, { role: 'read' })).status).toBe(200);
    expect(await listed(eve)).toEqual(['one']);
    expect(await listed(eve, '?public=true')).toEqual(['one']);
    expect((await eve.get('/api/v1/repository/acme/one')).body).toMatchObject({ can_write: false, can_admin: false });
    await team('chiefs', 'admin', 'eve');
    expect(await listed(eve)).toEqual(['one', 'two']);
    expect(await listed(eve, '?public=true')).toEqual(['one', 'two']);
    // Who leaves a team sees at once what is left to him.
    expect((await ada.delete(`${ORGANIZATION}/team/chiefs/members/eve`)).status).toBe(204);
    expect(await listed(eve)).toEqual(['one']);
    expect((await ada.delete(permission)).status).toBe(204);
    expect(await listed(eve)).toEqual([]);
    expect((await eve.get('/api/v1/repository/acme/one')).both).toEqual(forbidden);
  });

  it('give from their beginning what its default permissions say, created over the API or by a push', async () => {
    const rules = `${ORGANIZATION}/prototypes`;
    const toReaders = { delegate: { kind: 'team', name: 'readers' }, role: 'write' };
    const toEve = { delegate: { kind: 'user', name: 'eve' }, role: 'read', activating_user: { name: 'bob' } };
    for (const body of [toReaders, toEve]) expect((await ada.post(rules, body)).status).toBe(200);
    expect((await create(bob, 'three')).status).toBe(201);
    expect([await rolesOf('three', 'team'), await rolesOf('three', 'user')]).toEqual([
      { readers: 'write' },
      { bob: 'admin', eve: 'read' },
    ]);
    await pushBusybox(community.pulling('ada', 'acme/four'), 'latest', { bytes: 100 });
    expect([await rolesOf('four', 'team'), await rolesOf('four', 'user')]).toEqual([
      { readers: 'write' },
      { ada: 'admin' },
    ]);
  });
});

describe('a token of an application', () => {
  async function tokenFor(scope: string): Promise<ApiClient> {
    const { client_id: id } = await createApplication(ada, 'acme', { name: `for ${scope}` });
    const made = await ada.post(`${ORGANIZATION}/applications/${id}/tokens`, { name: 'test', scope });
    expect(made.status).toBe(200);
    return new ApiClient(community.registry, made.json<{ token: string }>().token);
  }
  const path = '/api/v1/repository/acme/scoped';

  it('reads, writes, administers and creates as far as its scope goes', async () => {
    const creator = await tokenFor('repo:create');
    expect((await create(creator, 'scoped')).status).toBe(201);
    expect((await creator.get(path)).both).toEqual(forbidden);
    const { digest } = await pushBusybox(community.pulling('ada', 'acme/scoped'), 'latest', { bytes: 100 });

    const reader = await tokenFor('repo:read');
    expect((await reader.get(path)).body).toMatchObject({ can_write: false, can_admin: false });
    expect((await reader.put(`${path}/tag/v1`, { manifest_digest: digest })).both).toEqual(forbidden);
    expect((await create(reader, 'other')).both).toEqual(forbidden);

    const writer = await tokenFor('repo:write');
    expect((await writer.get(path)).body).toMatchObject({ can_write: true, can_admin: false });
    expect((await writer.put(`${path}/tag/v1`, { manifest_digest: digest })).status).toBe(201);
    expect((await writer.post(`${path}/changevisibility`, { visibility: 'public' })).both).toEqual(forbidden);
    expect((await writer.delete(path)).both).toEqual(forbidden);

    const keeper = await tokenFor('repo:admin');
    expect((await keeper.post(`${path}/changevisibility`, { visibility: 'public' })).status).toBe(200);
    expect((await keeper.delete(path)).status).toBe(204);
  });

  it('does not narrow the list, but for private ones that are starred', async () => {
    const [reader, nothing] = [await tokenFor('repo:read'), await tokenFor('user:read')];
    const all = await listed(ada);
    expect([await listed(reader), await listed(nothing)]).toEqual([all, all]);
    for (const repository of ['one', 'four']) {
      expect((await ada.post('/api/v1/user/starred', { namespace: 'acme', repository })).status).toBe(201);
    }
    expect((await ada.post('/api/v1/repository/acme/four/changevisibility', { visibility: 'public' })).status).toBe(
      200,
    );
    expect([await listed(reader, '?starred=true'), await listed(nothing, '?starred=true')]).toEqual([
      ['one', 'four'],
      ['four'],
    ]);
  });
});

describe('where users are restricted', () => {
  it('they create and change nothing under their own name; who is exempt does', async () => {
    const path = (owner: string): string => `/api/v1/repository/${owner}/app`;
    const strict = await Community.start(['ada', 'bob']);
    try {
      for (const name of ['ada', 'bob'] as const) {
        await pushBusybox(strict.pulling(name, `${name}/app`), 'latest', { bytes: 100 });
      }
      await strict.registry.restart('SIGTERM', {
        FEATURE_RESTRICTED_USERS: 'true',
        RESTRICTED_USERS_WHITELIST: '["ada"]',
      });
      const own = { repository: 'other', visibility: 'private', description: '' };
      expect((await strict.as('bob').post('/api/v1/repository', own)).both).toEqual(forbidden);
      const message = 'Operation not allowed on restricted user owned namespace';
      expect((await strict.as('bob').delete(`${path('bob')}/tag/latest`)).both).toEqual([403, { message }]);
      expect((await strict.as('ada').post('/api/v1/repository', own)).status).toBe(201);
      expect((await strict.as('ada').delete(`${path('ada')}/tag/latest`)).status).toBe(204);
      // What does not change content stays his.
      expect((await strict.as('bob').put(path('bob'), { description: 'mine' })).status).toBe(200);
    } finally {
      await strict.stop();
    }
  });
});
