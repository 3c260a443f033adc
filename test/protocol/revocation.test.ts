import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client } from '../support/v2client.js';

let registry: ControlledRegistry;
let owner: V2Client;
let users = 0;
/** Somebody new for each test, with write permission. */
let user: V2Client;
let name: string;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('owner');
  owner = new V2Client(registry, 'owner');
});
beforeEach(async () => {
  name = `user${++users}`;
  await registry.createUser(name);
  user = new V2Client(registry, name);
  await pushImage(owner.repository('owner/app'), 'v1');
  await registry.call('grant', 'owner/app', name, 'write');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** What the token that the user already has is good for now. */
async function now(): Promise<readonly [pull: number, push: number]> {
  const repository = user.repository('owner/app');
  const blob = freshBytes();
  return [
    (await repository.get('manifests/v1')).status,
    (await repository.upload('post', blob, digestOf(blob))).status,
  ];
}

describe('an issued token', () => {
  it('DS-225 is void when the password of its user was changed', async () => {
    expect(await now()).toEqual([200, 201]);
    await registry.call('changePassword', name, 'another-password');
    expect(await now()).toEqual([401, 401]);
    const answer = await user.repository('owner/app').get('manifests/v1');
    expect(answer.header('www-authenticate')).toContain('scope="repository:owner/app:pull"');
    user = new V2Client(registry, name, 'another-password');
    expect(await now()).toEqual([200, 201]);
  });

  it('DS-225 does what its user may do now: less, and more again', async () => {
    expect(await now()).toEqual([200, 201]);
    await registry.call('grant', 'owner/app', name, 'read');
    expect(await now()).toEqual([200, 401]);
    await registry.call('revoke', 'owner/app', name);
    expect(await now()).toEqual([401, 401]);
    await registry.call('grant', 'owner/app', name, 'admin');
    expect(await now()).toEqual([200, 201]);
  });

  it('DS-225 is void while its user is disabled', async () => {
    expect(await now()).toEqual([200, 201]);
    await registry.call('setDisabled', name, true);
    expect(await now()).toEqual([401, 401]);
    await registry.call('setDisabled', name, false);
    expect(await now()).toEqual([200, 201]);
  });

  it('DS-225 cannot finish what it began after the right was taken away', async () => {
    const repository = user.repository('owner/app');
    const location = await repository.beginUpload();
    const bytes = freshBytes();
    await repository.patch(location, bytes);
    const image = JSON.stringify(await ociImage(repository));
    await registry.call('revoke', 'owner/app', name);
    expect((await repository.close(location, digestOf(bytes))).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await repository.putManifest(image, OCI_MANIFEST, 'late')).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await repository.delete('manifests/v1')).refusal).toEqual([401, 'UNAUTHORIZED']);
    expect((await owner.repository('owner/app').get('manifests/late')).status).toBe(404);
  });

  it('does not write to a repository that takes no writes', async () => {
    await now();
    for (const state of ['READ_ONLY', 'MIRROR'] as const) {
      await registry.call('setState', 'owner/app', state);
      expect(await now()).toEqual([200, 401]);
      expect((await user.requestToken(['repository:owner/app:pull,push'])).status).toBe(200);
    }
    await registry.call('setState', 'owner/app', 'NORMAL');
    expect(await now()).toEqual([200, 201]);
  });

  it('does not read a repository that is no longer public', async () => {
    const nobody = new V2Client(registry).repository('owner/app');
    await registry.call('setVisibility', 'owner/app', 'public');
    expect((await nobody.get('manifests/v1')).status).toBe(200);
    await registry.call('setVisibility', 'owner/app', 'private');
    expect((await nobody.get('manifests/v1')).refusal).toEqual([401, 'UNAUTHORIZED']);
  });

  it('DS-230 serves a repository that it is older than', async () => {
    const repository = owner.repository(`owner/new-${users}`);
    const token = await repository.token();
    expect((await repository.send('GET', 'manifests/v1', { token })).refusal).toEqual([404, 'NAME_UNKNOWN']);
    await pushImage(repository, 'v1');
    expect((await repository.send('GET', 'manifests/v1', { token })).status).toBe(200);
  });

  it('does not serve a later repository of the same name', async () => {
    const repository = owner.repository('owner/twice');
    await pushImage(repository, 'v1');
    const old = await new V2Client(registry, 'owner').token('repository:owner/twice:pull,push');
    expect((await repository.send('GET', 'tags/list', { token: old })).status).toBe(200);
    await registry.call('deleteRepository', 'owner/twice');
    expect((await repository.send('GET', 'tags/list', { token: old })).status).toBe(404);
    expect((await repository.send('POST', 'blobs/uploads/', { token: old })).refusal).toEqual([401, 'UNAUTHORIZED']);
    const again = new V2Client(registry, 'owner').repository('owner/twice');
    const { digest } = await pushImage(again, 'v2');
    expect((await repository.send('GET', `manifests/${digest}`, { token: old })).refusal).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
    expect((await again.get('manifests/v1')).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
  });
});

describe('a robot', () => {
  it('rests with whose namespace it lives in, its issued tokens included', async () => {
    const browser = await ApiClient.signedIn(registry, name);
    const { token } = (await browser.put('/api/v1/user/robots/ci')).json<{ token: string }>();
    await pushImage(user.repository(`${name}/app`), 'v1');
    await browser.put(`/api/v1/repository/${name}/app/permissions/user/${name}+ci`, { role: 'read' });
    const robot = new V2Client(registry, `${name}+ci`, token);
    const pulls = async () => (await robot.repository(`${name}/app`).get('manifests/v1')).status;
    expect(await pulls()).toBe(200);
    await registry.call('setDisabled', name, true);
    expect(await pulls()).toBe(401);
    const refused = await new V2Client(registry, `${name}+ci`, token).requestToken([]);
    expect([refused.status, refused.errors[0]?.message]).toEqual([401, `Robot ${name}+ci owner ${name} is disabled`]);
    await registry.call('setDisabled', name, false);
    expect(await pulls()).toBe(200);
  });
});
