import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess } from '../support/registry.js';
import { ociImage, OCI_MANIFEST, pushImage } from '../support/images.js';
import { closeConnections, digestOf, V2Client, type Repository } from '../support/v2client.js';

let registry: RegistryProcess;
/** As seen by somebody. */
const seenBy = (user: string, name = 'alice/app'): Repository => new V2Client(registry, user).repository(name);

beforeAll(async () => {
  registry = await RegistryProcess.start({ GLOBAL_READONLY_SUPER_USERS: 'auditor', SUPER_USERS: 'boss' });
  for (const name of ['alice', 'auditor', 'boss']) await registry.createUser(name);
  await pushImage(seenBy('alice'), 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const mayPush = async (user: string, name: string): Promise<number> => {
  const bytes = JSON.stringify(await ociImage(seenBy('alice', 'alice/app')));
  const repository = seenBy(user, name);
  return (await repository.upload('post', Buffer.from(bytes), digestOf(bytes))).status;
};

describe('people of an instance', () => {
  it('who only read everything read everything, and write nowhere but at home', async () => {
    expect((await seenBy('auditor').get('manifests/v1')).status).toBe(200);
    expect(await mayPush('auditor', 'alice/app')).toBe(401);
    expect(await mayPush('auditor', 'auditor/own')).toBe(201);
  });

  it('who administer it see no images of others, unless superusers have full access', async () => {
    expect((await seenBy('boss').get('manifests/v1')).refusal).toEqual([401, 'UNAUTHORIZED']);
    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_SUPERUSERS_FULL_ACCESS: 'true' });
    expect((await seenBy('boss').get('manifests/v1')).status).toBe(200);
    expect(await mayPush('boss', 'alice/app')).toBe(201);
    expect(await mayPush('boss', 'alice/new')).toBe(201);
  });

  it('who are restricted make nothing in their own namespace', async () => {
    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_RESTRICTED_USERS: 'true', RESTRICTED_USERS_WHITELIST: 'auditor' });
    expect(await mayPush('alice', 'alice/another')).toBe(401);
    expect(await mayPush('auditor', 'auditor/another')).toBe(201);
  });
});

describe('the version check', () => {
  const ping = async (userAgent?: string): Promise<number> => {
    const client = new V2Client(registry, 'alice');
    const headers = userAgent === undefined ? {} : { 'User-Agent': userAgent };
    return (await client.send('GET', '/v2/', { token: await client.token(), headers })).status;
  };

  it('sends engines that are too old to the first version', async () => {
    expect(await ping('docker/1.5.0 go/go1.3 kernel/3.8.0')).toBe(404);
    expect(await ping('Go 1.1 package http')).toBe(404);
    expect(await ping('docker/1.6.0 go/go1.4')).toBe(200);
    expect(await ping('docker/27.0.3 go/go1.21.11')).toBe(200);
    expect(await ping('containerd/1.7')).toBe(200);
  });

  it('answers 404 to everybody when the protocol is not advertised', async () => {
    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_ADVERTISE_V2: 'false' });
    expect(await ping()).toBe(404);
    expect((await seenBy('alice').get('manifests/v1')).status).toBe(200);
  });

  it('goes on while accounts are recovered, data does not', async () => {
    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_ADVERTISE_V2: 'true', ACCOUNT_RECOVERY_MODE: 'true' });
    expect(await ping()).toBe(200);
    const answer = await seenBy('alice').get('manifests/v1');
    expect(answer.errors[0]).toMatchObject({
      code: 'UNSUPPORTED',
      message: 'Quay running for account recoveries only.',
    });
    expect((await seenBy('alice').putManifest('{}', OCI_MANIFEST, 'v1')).refusal).toEqual([405, 'UNSUPPORTED']);
    const client = new V2Client(registry, 'alice');
    expect((await client.send('GET', '/v2/_catalog', { token: await client.token() })).refusal).toEqual([
      405,
      'UNSUPPORTED',
    ]);
  });
});
