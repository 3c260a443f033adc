import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, expectStatus, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let [ada, bob, eve, nobody]: ApiClient[] = [];
const who = (client: ApiClient | undefined): ApiClient => {
  if (!client) throw new Error('everybody is signed in before the first test');
  return client;
};

beforeAll(async () => {
  registry = await RegistryProcess.start({ FEATURE_REPO_MIRROR: 'true' });
  for (const name of ['ada', 'bob', 'eve']) await registry.createUser(name);
  [ada, bob, eve] = await Promise.all(['ada', 'bob', 'eve'].map((name) => ApiClient.signedIn(registry, name)));
  nobody = new ApiClient(registry);
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const NEW = { repository: 'app', visibility: 'private', description: '' } as const;
const create = (client: ApiClient | undefined, changes: object = {}): Promise<ApiAnswer> =>
  who(client).post('/api/v1/repository', { ...NEW, ...changes });
const detailOf = (answer: ApiAnswer): readonly [number, unknown] => [
  answer.status,
  answer.json<{ detail?: string }>().detail,
];
const APP = '/api/v1/repository/ada/app';

describe('creating a repository', () => {
  it('makes its creator its administrator', async () => {
    expect((await create(ada)).both).toEqual([201, { namespace: 'ada', name: 'app', kind: 'image' }]);
    const permissions = (await who(ada).get(`${APP}/permissions/user/`)).json<{ permissions: object }>().permissions;
    expect(permissions).toMatchObject({ ada: { role: 'admin' } });
    expect((await create(ada, { repository: 'tools/app', namespace: 'ada', visibility: 'public' })).status).toBe(201);
    expect((await who(nobody).get('/api/v1/repository/ada/tools/app')).body).toMatchObject({
      ...{ namespace: 'ada', name: 'tools/app', is_public: true, status_token: '', can_write: false, can_admin: false },
    });
  });

  it('is refused in the order of the contract', async () => {
    const refusals: readonly (readonly [ApiClient | undefined, object, number, string])[] = [
      [nobody, { visibility: 'open' }, 400, "'open' is not one of ['public', 'private']"],
      [ada, { description: null }, 400, "None is not of type 'string'"],
      [ada, { repo_kind: 'tree' }, 400, "'tree' is not one of ['image']"],
      [nobody, { namespace: 'ada' }, 400, 'Must provide a namespace or must be logged in.'],
      [bob, { namespace: 'ada' }, 403, 'Unauthorized'],
      [bob, { namespace: 'nowhere' }, 403, 'Unauthorized'],
      [ada, {}, 400, 'Repository already exists'],
      [ada, { repository: 'No Name' }, 400, 'Invalid repository name'],
      [ada, { repository: `a${'b'.repeat(255)}` }, 400, 'Invalid repository name'],
    ];
    for (const [client, changes, status, detail] of refusals)
      expect(detailOf(await create(client, changes))).toEqual([status, detail]);
    expect(detailOf(await create(ada, { repository: 'long', description: 'x'.repeat(60_000) }))[0]).toBe(400);
    expect((await who(ada).send('POST', '/api/v1/repository', { body: 'no json' })).status).toBe(400);
  });
});

describe('a repository', () => {
  it('is shown to who may read it; others learn nothing of whether it is there', async () => {
    expect((await who(ada).get(APP)).status).toBe(200);
    for (const path of [APP, '/api/v1/repository/ada/none', '/api/v1/repository/nowhere/none']) {
      expect(detailOf(await who(bob).get(path))).toEqual([403, 'Unauthorized']);
      expect(detailOf(await who(nobody).get(path))).toEqual([401, 'Requires authentication']);
    }
    expect(detailOf(await who(ada).get('/api/v1/repository/ada/none'))).toEqual([404, 'Not Found']);
  });

  it('says what the caller may do with it', async () => {
    await who(ada).put(`${APP}/permissions/user/bob`, { role: 'write' });
    await who(ada).put(`${APP}/permissions/user/eve`, { role: 'read' });
    const rights = async (client: ApiClient | undefined) => {
      const { can_write: write, can_admin: administer } = (await who(client).get(APP)).json<{
        can_write: boolean;
        can_admin: boolean;
      }>();
      return [write, administer];
    };
    expect(await Promise.all([ada, bob, eve].map(rights))).toEqual([
      [true, true],
      [true, false],
      [false, false],
    ]);
  });

  it('is described by who may write', async () => {
    expect((await who(bob).put(APP, { description: '# What it is for' })).both).toEqual([200, { success: true }]);
    expect((await who(eve).get(APP)).body).toMatchObject({ description: '# What it is for' });
    expect((await who(eve).put(APP, { description: '' })).status).toBe(403);
    expect(detailOf(await who(bob).put(APP, {}))).toEqual([400, "'description' is a required property"]);
    expect((await who(ada).put('/api/v1/repository/ada/none', { description: '' })).status).toBe(404);
  });

  it('is opened and closed by who administers it', async () => {
    const change = (client: ApiClient | undefined, visibility: string) =>
      who(client).post(`${APP}/changevisibility`, { visibility });
    expect((await change(bob, 'public')).status).toBe(403);
    expect((await change(ada, 'public')).both).toEqual([200, { success: true }]);
    expect((await who(nobody).get(APP)).body).toMatchObject({ is_public: true, status_token: '' });
    expect((await change(ada, 'private')).both).toEqual([200, { success: true }]);
    expect((await who(nobody).get(APP)).status).toBe(401);
    expect((await who(ada).post('/api/v1/repository/ada/none/changevisibility', { visibility: 'public' })).status).toBe(
      404,
    );
  });

  it('tells how much happened in it', async () => {
    const repository = new V2Client(registry, 'ada').repository('ada/app');
    await pushBusybox(repository, 'latest', { bytes: 100 });
    expectStatus(await repository.get('manifests/latest'), 200);
    const today = new Date().toISOString().slice(0, 10);
    const stats = async () =>
      (await who(ada).get(`${APP}?includeStats=true&includeTags=false`)).json<{
        stats: { date: string; count: number }[];
      }>().stats;
    // Pulls are written down a moment after they happened.
    for (let tries = 0; tries < 50 && !(await stats()).some(({ count }) => count === 2); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const days = await stats();
    expect(days).toHaveLength(92);
    expect(days.filter(({ count }) => count > 0)).toEqual([{ date: today, count: 2 }]);
    expect((await who(ada).get(APP)).json<object>()).not.toHaveProperty('stats');
  });

  it('takes no changes while its state does not allow it, over the API or by a push', async () => {
    const repository = new V2Client(registry, 'ada').repository('ada/app');
    const { digest } = await pushBusybox(repository, 'latest', { bytes: 100 });
    const setState = (client: ApiClient | undefined, state: string) => who(client).put(`${APP}/changestate`, { state });
    expect((await setState(bob, 'READ_ONLY')).status).toBe(403);
    expect((await setState(ada, 'ORG_MIRROR')).status).toBe(400);
    const numbers = { READ_ONLY: 1, MIRROR: 2 };
    for (const [state, number] of Object.entries(numbers)) {
      expect((await setState(ada, state)).both).toEqual([200, { success: true }]);
      expect((await who(ada).get(APP)).body).toMatchObject({ state, can_write: false, can_admin: true });
      const message = `Repository is in read only or mirror mode: ${number}`;
      const refused = [
        await who(ada).put(`${APP}/tag/v1`, { manifest_digest: digest }),
        await who(ada).put(`${APP}/tag/v1`, { expiration: 'judged after the state' }),
        await who(ada).delete(`${APP}/tag/latest`),
        await who(ada).post(`${APP}/tag/latest/restore`, { manifest_digest: digest }),
        await who(ada).post(`${APP}/manifest/${digest}/labels`, { key: 'a', value: 'b', media_type: null }),
        await who(ada).delete(`${APP}/manifest/${digest}/labels/1`),
      ];
      for (const answer of refused) expect(answer.both).toEqual([503, { message }]);
      expect((await new V2Client(registry, 'ada').repository('ada/app').delete('manifests/latest')).status).not.toBe(
        202,
      );
      expect((await who(ada).put(APP, { description: state })).status).toBe(200);
      expectStatus(await repository.get('manifests/latest'), 200);
    }
    expect((await setState(ada, 'NORMAL')).status).toBe(200);
    expect((await who(ada).put(`${APP}/tag/v1`, { manifest_digest: digest })).status).toBe(201);
  });

  it('is deleted by who administers it, as often as he likes', async () => {
    expect((await who(bob).delete(APP)).status).toBe(403);
    expect((await who(ada).put(`${APP}/changestate`, { state: 'MIRROR' })).status).toBe(200);
    for (let times = 0; times < 2; times++) expect((await who(ada).delete(APP)).status).toBe(204);
    expect((await who(bob).delete(APP)).status).toBe(403);
    expect((await who(nobody).delete(APP)).status).toBe(401);
    expect((await who(bob).get(APP)).status).toBe(403);
  });
});

describe('an instance without mirrors', () => {
  it('does not know the state of a repository', async () => {
    const plain = await RegistryProcess.start();
    try {
      await plain.createUser('ada');
      const client = await ApiClient.signedIn(plain, 'ada');
      expect((await client.post('/api/v1/repository', NEW)).status).toBe(201);
      expect((await client.put(`${APP}/changestate`, { state: 'READ_ONLY' })).status).toBe(404);
      expect((await client.get(APP)).body).toMatchObject({ state: 'NORMAL' });
    } finally {
      await plain.stop();
    }
  });
});
