import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let ada: ApiClient;

beforeAll(async () => {
  registry = await RegistryProcess.start();
  for (const name of ['ada', 'bob']) await registry.createUser(name);
  for (const path of ['ada/first', 'ada/second', 'bob/private']) {
    await pushImage(new V2Client(registry, path.split('/')[0]).repository(path), 'v1');
  }
  ada = await ApiClient.signedIn(registry, 'ada');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const star = (client: ApiClient, path: string) => {
  const [namespace, repository] = path.split('/');
  return client.post('/api/v1/user/starred', { namespace, repository });
};
const starred = async (client: ApiClient): Promise<string[]> =>
  (await client.get('/api/v1/user/starred'))
    .json<{ repositories: { namespace: string; name: string }[] }>()
    .repositories.map(({ namespace, name }) => `${namespace}/${name}`);

describe('starred repositories', () => {
  it('are listed in the order of their creation', async () => {
    expect((await star(ada, 'ada/second')).both).toEqual([201, { namespace: 'ada', repository: 'second' }]);
    expect((await star(ada, 'ada/first')).status).toBe(201);
    expect((await star(ada, 'ada/first')).status).toBe(201);
    expect((await ada.get('/api/v1/user/starred')).both).toEqual([
      200,
      {
        repositories: ['first', 'second'].map((name) => ({
          ...{ namespace: 'ada', name, description: null, is_public: false },
        })),
      },
    ]);
  });

  it('are not those that are not there, or may not be seen', async () => {
    expect((await star(ada, 'ada/nothing')).both).toEqual([200, null]);
    expect((await star(ada, 'bob/private')).both).toEqual([200, null]);
    expect((await ada.delete('/api/v1/user/starred/ada/nothing')).both).toEqual([200, null]);
    expect((await ada.delete('/api/v1/user/starred/bob/private')).both).toEqual([200, null]);
  });

  it('are no longer listed for whom they were closed to, who may still take the star back', async () => {
    const bob = await ApiClient.signedIn(registry, 'bob');
    const share = (visibility: string) => bob.post('/api/v1/repository/bob/private/changevisibility', { visibility });
    expect((await share('public')).status).toBe(200);
    expect((await star(ada, 'bob/private')).status).toBe(201);
    expect(await starred(ada)).toContain('bob/private');
    expect((await share('private')).status).toBe(200);
    expect(await starred(ada)).not.toContain('bob/private');
    expect((await ada.delete('/api/v1/user/starred/bob/private')).status).toBe(204);
    await share('public');
    expect(await starred(ada)).not.toContain('bob/private');
  });

  it('lose their star once', async () => {
    const removed = await ada.delete('/api/v1/user/starred/ada/first');
    expect([removed.status, removed.text]).toEqual([204, '']);
    expect((await ada.delete('/api/v1/user/starred/ada/first')).status).toBe(204);
    expect(await starred(ada)).toEqual(['ada/second']);
  });

  it('are for those who are signed in, and need both names', async () => {
    expect((await new ApiClient(registry).get('/api/v1/user/starred')).status).toBe(401);
    expect((await new ApiClient(registry).post('/api/v1/user/starred', { namespace: 'ada' })).both).toMatchObject([
      400,
      { detail: "'repository' is a required property" },
    ]);
  });
});
