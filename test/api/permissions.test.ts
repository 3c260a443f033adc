import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { avatar, invalid } from '../support/apiAnswers.js';
import { ApiClient } from '../support/apiClient.js';
import { withFirstAccount } from '../support/firstAccount.js';
import { pushImage } from '../support/images.js';
import type { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let admin: ApiClient;
const permissions = '/api/v1/repository/quayadmin/busybox/permissions';
const users = `${permissions}/user`;

beforeAll(async () => {
  ({ registry, admin } = await withFirstAccount());
  await pushImage(new V2Client(registry, 'quayadmin').repository('quayadmin/busybox'), 'latest');
  await admin.put('/api/v1/user/robots/test');
  await registry.createUser('bob');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const NONE = { message: 'User does not have permission for repo.' };

describe('the permissions of a repository', () => {
  it('are changed, deleted and seen to be gone, as chapter 6.5 of the guide has it', async () => {
    const one = `${users}/quayadmin+test`;
    expect((await admin.put(one, { role: 'admin' })).both).toEqual([
      200,
      { role: 'admin', name: 'quayadmin+test', is_robot: true, avatar: avatar('quayadmin+test', 'robot') },
    ]);
    const deleted = await admin.delete(one);
    expect([deleted.status, deleted.text]).toEqual([204, '']);
    expect((await admin.get(`${one}/`)).both).toEqual([400, NONE]);
  });

  it('are given and taken at once, issued tokens included', async () => {
    const bob = new V2Client(registry, 'bob');
    const pulls = async () => (await bob.repository('quayadmin/busybox').get('manifests/latest')).status;
    expect(await pulls()).toBe(401);
    expect((await admin.put(`${users}/bob`, { role: 'read' })).body).toMatchObject({ role: 'read', is_robot: false });
    expect(await new V2Client(registry, 'bob').repository('quayadmin/busybox').get('manifests/latest')).toMatchObject({
      status: 200,
    });
    const client = new V2Client(registry, 'bob').repository('quayadmin/busybox');
    await client.get('manifests/latest');
    await admin.delete(`${users}/bob`);
    expect((await client.get('manifests/latest')).status).toBe(401);
  });

  it('are listed by name, the creator among them, and are shown one by one', async () => {
    await admin.put(`${users}/bob`, { role: 'write' });
    await admin.put(`${users}/quayadmin+test`, { role: 'read' });
    const listed = await admin.get(`${users}/`);
    expect(listed.both).toEqual([
      200,
      {
        permissions: {
          bob: { role: 'write', name: 'bob', is_robot: false, avatar: avatar('bob', 'user') },
          quayadmin: { role: 'admin', name: 'quayadmin', is_robot: false, avatar: avatar('quayadmin', 'user') },
          'quayadmin+test': {
            ...{ role: 'read', name: 'quayadmin+test', is_robot: true, avatar: avatar('quayadmin+test', 'robot') },
          },
        },
      },
    ]);
    expect((await admin.get(`${users}/bob`)).body).toEqual(
      listed.json<{ permissions: { bob: object } }>().permissions.bob,
    );
    expect((await admin.get(`${users}/bob/transitive`)).both).toEqual([200, { permissions: [{ role: 'write' }] }]);
    expect((await admin.get(`${permissions}/team/`)).both).toEqual([200, { permissions: {} }]);
    const robot = await admin.get('/api/v1/user/robots/test/permissions');
    expect(robot.body).toEqual({ permissions: [{ repository: { name: 'busybox', is_public: false }, role: 'read' }] });
    const robots = await admin.get('/api/v1/user/robots?permissions=true');
    expect(robots.body).toMatchObject({ robots: [{ name: 'quayadmin+test', repositories: ['busybox'], teams: [] }] });
  });

  it('are not those of whose namespace it is', async () => {
    const owner = invalid('Namespace owner must always be admin.');
    expect((await admin.put(`${users}/quayadmin`, { role: 'read' })).both).toEqual(owner);
    expect((await admin.delete(`${users}/quayadmin`)).both).toEqual(owner);
  });

  it('are given to those who are there, and to robots at home', async () => {
    expect((await admin.put(`${users}/nobody`, { role: 'read' })).both).toEqual(invalid('Invalid username: nobody'));
    expect((await admin.put(`${users}/bob+none`, { role: 'read' })).both).toEqual(
      invalid('Invalid username: bob+none'),
    );
    const bob = await ApiClient.signedIn(registry, 'bob');
    await bob.put('/api/v1/user/robots/abroad');
    expect((await admin.put(`${users}/bob+abroad`, { role: 'read' })).both).toEqual(
      invalid('Cannot add robot bob+abroad under namespace quayadmin'),
    );
    expect((await admin.put(`${permissions}/team/owners`, { role: 'read' })).both).toEqual(
      invalid('No team owners in organization quayadmin'),
    );
  });

  it('that are not there cannot be shown or deleted', async () => {
    const bob = `${permissions}/user/bob+abroad`;
    expect((await admin.get(bob)).both).toEqual([400, NONE]);
    expect((await admin.delete(bob)).both).toEqual(invalid(NONE.message));
    expect((await admin.delete(`${users}/nobody`)).both).toEqual(invalid(NONE.message));
    expect((await admin.get(`${bob}/transitive`)).status).toBe(404);
    const team = `${permissions}/team/none`;
    expect((await admin.get(team)).both).toEqual([400, { message: 'Team does not have permission for repo.' }]);
    expect((await admin.delete(team)).both).toEqual(invalid('Team does not have permission for repo.'));
  });

  it('of a repository that is not there are none', async () => {
    const nowhere = '/api/v1/repository/quayadmin/nothing/permissions';
    expect((await admin.get(`${nowhere}/user/`)).both).toEqual([200, { permissions: {} }]);
    expect((await admin.get(`${nowhere}/team/`)).both).toEqual([200, { permissions: {} }]);
    expect((await admin.get(`${nowhere}/user/bob`)).both).toEqual([400, NONE]);
    expect((await admin.get(`${nowhere}/user/bob/transitive`)).status).toBe(404);
    expect((await admin.put(`${nowhere}/user/bob`, { role: 'read' })).status).toBe(404);
    expect((await admin.delete(`${nowhere}/user/bob`)).both).toEqual(invalid(NONE.message));
  });

  it('are given by administrators, with a role that there is', async () => {
    const role = { role: 'read' };
    expect((await new ApiClient(registry).put(`${users}/bob`, role)).status).toBe(401);
    const bob = await ApiClient.signedIn(registry, 'bob');
    expect((await bob.put(`${users}/bob`, { role: 'admin' })).status).toBe(403);
    expect((await bob.get(`${users}/`)).status).toBe(403);
    // Who may not does not learn what is wrong with his request.
    expect((await bob.put(`${users}/bob`, { role: 'owner' })).status).toBe(403);
    expect((await admin.put(`${users}/bob`, { role: 'owner' })).both).toEqual(
      invalid("'owner' is not one of ['read', 'write', 'admin']"),
    );
    await admin.put(`${users}/bob`, { role: 'admin' });
    expect((await bob.get(`${users}/`)).status).toBe(200);
    expect((await bob.put(`${users}/bob`, role)).status).toBe(200);
    expect((await bob.get(`${users}/`)).status).toBe(403);
  });
});

describe('access tokens of a repository', () => {
  const tokens = '/api/v1/repository/quayadmin/busybox/tokens/';
  const handling = [410, { message: 'Handling of access tokens is no longer supported' }];

  it('are gone', async () => {
    expect((await admin.get(tokens)).both).toEqual(handling);
    expect((await admin.post(tokens, { friendlyName: 'old' })).both).toEqual([
      410,
      { message: 'Creation of access tokens is no longer supported' },
    ]);
    expect((await admin.get(`${tokens}code`)).both).toEqual(handling);
    expect((await admin.put(`${tokens}code`, { role: 'read' })).both).toEqual(handling);
    expect((await admin.delete(`${tokens}code`)).both).toEqual(handling);
  });

  it('are gone for administrators who ask rightly', async () => {
    expect((await admin.post(tokens, {})).both).toEqual(invalid("'friendlyName' is a required property"));
    expect((await admin.put(`${tokens}code`, { role: 'x' })).status).toBe(400);
    expect((await new ApiClient(registry).get(tokens)).status).toBe(401);
  });
});
