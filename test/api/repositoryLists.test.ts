import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let [ada, bob, reader, root, nobody]: ApiClient[] = [];
const who = (client: ApiClient | undefined): ApiClient => {
  if (!client) throw new Error('everybody is signed in before the first test');
  return client;
};

beforeAll(async () => {
  registry = await RegistryProcess.start({
    FEATURE_SUPERUSERS_FULL_ACCESS: 'true',
    SUPER_USERS: '["root"]',
    GLOBAL_READONLY_SUPER_USERS: '["reader"]',
  });
  for (const name of ['ada', 'bob', 'reader', 'root']) await registry.createUser(name);
  [ada, bob, reader, root] = await Promise.all(
    ['ada', 'bob', 'reader', 'root'].map((name) => ApiClient.signedIn(registry, name)),
  );
  nobody = new ApiClient(registry);
  await create(who(ada), 'secret', 'private');
  await create(who(ada), 'open', 'public');
  await create(who(bob), 'zulu', 'private');
  await create(who(ada), 'shared', 'private');
  await create(who(bob), 'alpha', 'public');
  await who(ada).put('/api/v1/repository/ada/shared/permissions/user/bob', { role: 'read' });
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

async function create(client: ApiClient, repository: string, visibility: 'public' | 'private'): Promise<void> {
  const answer = await client.post('/api/v1/repository', {
    repository,
    visibility,
    description: `about ${repository}`,
  });
  expect(answer.status).toBe(201);
}

type Listed = { readonly namespace: string; readonly name: string; readonly [member: string]: unknown };
type Page = { readonly repositories: readonly Listed[]; readonly next_page?: string };

const list = (client: ApiClient | undefined, query: string): Promise<ApiAnswer> =>
  who(client).get(`/api/v1/repository${query}`);
async function names(client: ApiClient | undefined, query: string): Promise<readonly string[]> {
  const answer = await list(client, query);
  expect(answer.status).toBe(200);
  return answer.json<Page>().repositories.map(({ namespace, name }) => `${namespace}/${name}`);
}

const EVERYTHING = ['ada/secret', 'ada/open', 'bob/zulu', 'ada/shared', 'bob/alpha'];

describe('the list of repositories', () => {
  it('has what somebody may see, in the order of creation', async () => {
    expect(await names(bob, '?namespace=ada')).toEqual(['ada/shared']);
    expect(await names(bob, '?namespace=ada&public=true')).toEqual(['ada/open', 'ada/shared']);
    expect(await names(bob, '?namespace=bob')).toEqual(['bob/zulu', 'bob/alpha']);
    expect(await names(bob, '?public=true')).toEqual(['ada/open', 'bob/zulu', 'ada/shared', 'bob/alpha']);
    expect(await names(ada, '?namespace=ada')).toEqual(['ada/secret', 'ada/open', 'ada/shared']);
    expect(await names(ada, '?namespace=nobody&public=true')).toEqual([]);
  });

  it('has only public ones for who is not signed in, and none if he does not ask for them', async () => {
    expect(await names(nobody, '?public=true')).toEqual(['ada/open', 'bob/alpha']);
    expect(await names(nobody, '?namespace=ada&public=true')).toEqual(['ada/open']);
    expect(await names(nobody, '?namespace=ada')).toEqual([]);
  });

  it('has everything for those who may read everything', async () => {
    for (const client of [reader, root]) {
      expect(await names(client, '?public=true')).toEqual(EVERYTHING);
      expect(await names(client, '?namespace=bob')).toEqual(['bob/zulu', 'bob/alpha']);
    }
  });

  it('says of each what is asked for', async () => {
    const { digest } = await pushBusybox(new V2Client(registry, 'ada').repository('ada/open'), 'latest', {
      bytes: 100,
    });
    expect(digest).toMatch(/^sha256:/);
    const plain = {
      ...{ namespace: 'ada', name: 'open', description: 'about open', is_public: true, kind: 'image', state: 'NORMAL' },
    };
    const [open] = (await list(nobody, '?namespace=ada&public=1')).json<Page>().repositories;
    expect(open).toEqual(plain);
    const asked = (await list(ada, '?namespace=ada&last_modified=true&popularity=yes')).json<Page>().repositories;
    expect(asked[1]).toEqual({ ...plain, last_modified: expect.any(Number), popularity: 1, is_starred: false });
    expect(Number(asked[1]?.['last_modified'])).toBeGreaterThan(Date.now() / 1000 - 600);
    expect(asked[0]).toMatchObject({ name: 'secret', last_modified: null, popularity: 0 });
  });

  it('needs to know what is asked for', async () => {
    const detail = 'namespace, starred or public are required for this API call';
    for (const query of ['', '?public=false', '?namespace=&starred=0']) {
      const answer = await list(ada, query);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ detail, title: 'invalid_request' });
    }
    expect((await list(ada, '?public=true&repo_kind=tree')).both).toEqual([
      400,
      { message: 'Unknown repository kind' },
    ]);
    expect(await names(ada, '?public=true&repo_kind=application')).toEqual([]);
  });

  it('has what somebody starred and can still read', async () => {
    for (const repository of ['bob/alpha', 'ada/shared', 'ada/open'])
      expect(
        (
          await who(bob).post('/api/v1/user/starred', {
            namespace: repository.split('/')[0],
            repository: repository.split('/')[1],
          })
        ).status,
      ).toBe(201);
    expect(await names(bob, '?starred=true')).toEqual(['ada/open', 'ada/shared', 'bob/alpha']);
    expect((await list(bob, '?namespace=bob')).json<Page>().repositories.map((each) => each['is_starred'])).toEqual([
      false,
      true,
    ]);
    await who(ada).delete('/api/v1/repository/ada/shared/permissions/user/bob');
    expect(await names(bob, '?starred=true')).toEqual(['ada/open', 'bob/alpha']);
    const message = 'The browser (or proxy) sent a request that this server could not understand.';
    expect((await list(nobody, '?starred=true')).both).toEqual([400, { message }]);
    expect((await list(bob, '?starred=true&repo_kind=x')).both).toEqual([
      400,
      { message: 'Unknown kind of repository' },
    ]);
  });

  it('is given page by page, and begins anew with a token that is none', async () => {
    await registry.createUser('carl');
    const carl = await ApiClient.signedIn(registry, 'carl');
    const made = Array.from({ length: 203 }, (_, number) => `r${(number * 8) % 203}`);
    for (const repository of made) await create(carl, repository, 'private');
    const shown: string[] = [];
    const sizes: number[] = [];
    for (let token: string | undefined; ;) {
      const query = token === undefined ? '' : `&next_page=${encodeURIComponent(token)}`;
      const page = (await list(carl, `?namespace=carl${query}`)).json<Page>();
      shown.push(...page.repositories.map(({ name }) => name));
      sizes.push(page.repositories.length);
      token = page.next_page;
      if (token === undefined) break;
    }
    expect(sizes).toEqual([100, 100, 3]);
    expect(shown).toEqual(made);
    const anew = (await list(carl, '?namespace=carl&next_page=nonsense')).json<Page>();
    expect(anew.repositories.map(({ name }) => name)).toEqual(made.slice(0, 100));
  });
});
