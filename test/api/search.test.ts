import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushImage } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';

let registry: RegistryProcess;
let anybody: ApiClient;
let alice: ApiClient;

type Found = { readonly results: readonly { readonly name: string; readonly kind: string; readonly href: string }[] };

beforeAll(async () => {
  registry = await RegistryProcess.start({ CREATE_PRIVATE_REPO_ON_PUSH: 'false', SEARCH_RESULTS_PER_PAGE: '3' });
  for (const name of ['alice', 'alison', 'bob']) await registry.createUser(name);
  for (const name of ['web', 'web-proxy', 'webhooks', 'webmail', 'database']) {
    await pushImage(new V2Client(registry, 'alice').repository(`alice/${name}`), 'v1');
  }
  closeConnections();
  await registry.restart('SIGTERM', { CREATE_PRIVATE_REPO_ON_PUSH: 'true' });
  await pushImage(new V2Client(registry, 'bob').repository('bob/web-secret'), 'v1');
  anybody = new ApiClient(registry);
  alice = await ApiClient.signedIn(registry, 'alice');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const names = async (client: ApiClient, path: string): Promise<string[]> =>
  (await client.get(path)).json<Found>().results.map(({ name }) => name);

describe('repositories', () => {
  it('are found by a part of their name, in pages', async () => {
    const first = await anybody.get('/api/v1/find/repositories?query=web');
    expect(first.body).toMatchObject({ has_additional: true, page: 1, page_size: 3, start_index: 0 });
    const second = await anybody.get('/api/v1/find/repositories?query=web&page=2');
    expect(second.body).toMatchObject({ has_additional: false, page: 2, page_size: 3, start_index: 3 });
    const all = [first, second].flatMap((page) => page.json<Found>().results.map(({ name }) => name));
    expect(all.sort()).toEqual(['web', 'web-proxy', 'webhooks', 'webmail']);
  });

  it('are found in one namespace', async () => {
    expect(await names(anybody, '/api/v1/find/repositories?query=bob/data')).toEqual([]);
    expect(await names(anybody, '/api/v1/find/repositories?query=alice/data')).toEqual(['database']);
    expect(await names(anybody, '/api/v1/find/repositories?query=bob/')).toEqual([]);
  });

  it('that are private are found by who may see them', async () => {
    const bob = await ApiClient.signedIn(registry, 'bob');
    expect(await names(bob, '/api/v1/find/repositories?query=secret')).toEqual(['web-secret']);
    for (const other of [anybody, alice]) {
      expect(await names(other, '/api/v1/find/repositories?query=secret')).toEqual([]);
    }
  });

  it('are shown with who has them', async () => {
    const { results } = (await anybody.get('/api/v1/find/repositories?query=database')).json<Found>();
    expect(results).toEqual([
      {
        ...{ kind: 'repository', title: 'repo', name: 'database', description: '', is_public: true, score: 4 },
        href: '/repository/alice/database',
        namespace: {
          ...{ kind: 'user', title: 'user', name: 'alice', score: 1, href: '/user/alice' },
          avatar: { name: 'alice', kind: 'user', color: expect.any(String), hash: expect.any(String) },
        },
      },
    ]);
  });

  it('are shown with how much they are used, where that is asked for', async () => {
    const answer = await anybody.get('/api/v1/find/repositories?query=database&includeUsage=true');
    const { results } = answer.json<{ results: { last_modified: number }[] }>();
    expect(results).toEqual([expect.objectContaining({ name: 'database', stars: 0, popularity: 1 })]);
    expect(Math.abs((results[0]?.last_modified ?? 0) - Date.now() / 1000)).toBeLessThan(600);
  });

  it('are all listed without a word to look for, and pages have an end', async () => {
    expect(await names(anybody, '/api/v1/find/repositories')).toHaveLength(3);
    expect((await anybody.get('/api/v1/find/repositories?page=99')).body).toMatchObject({ page: 10, results: [] });
    expect((await anybody.get('/api/v1/find/repositories?page=-1')).body).toMatchObject({ page: 1 });
    expect((await anybody.get('/api/v1/find/repositories?page=x')).both).toEqual([
      400,
      { message: { page: 'The page.' } },
    ]);
  });
});

describe('everything', () => {
  it('is found together, the best first', async () => {
    const { results } = (await anybody.get('/api/v1/find/all?query=web')).json<{ results: { score: number }[] }>();
    const scores = results.map(({ score }) => score);
    expect(scores).toEqual(scores.toSorted((one, other) => other - one));
    expect(results[0]).toMatchObject({ kind: 'repository', name: 'web' });
  });

  it('shows only namespaces in which there is something to see', async () => {
    expect(await names(anybody, '/api/v1/find/all?query=ali')).toEqual(['alice']);
    expect(await names(anybody, '/api/v1/find/all?query=bob')).toEqual([]);
    expect(await names(await ApiClient.signedIn(registry, 'bob'), '/api/v1/find/all?query=bob')).toEqual(['bob']);
  });

  it('is nothing without a word to look for', async () => {
    expect((await anybody.get('/api/v1/find/all')).both).toEqual([200, { results: [] }]);
    expect((await anybody.get('/api/v1/find/all?query=%20')).body).toEqual({ results: [] });
  });
});

describe('users', () => {
  it('are found while their name is typed, whatever the keyboard', async () => {
    for (const prefix of ['ali', 'ALI', 'a%20li', '%C3%81l%C3%AD']) {
      expect(await names(anybody, `/api/v1/entities/${prefix}`)).toEqual(['alice', 'alison']);
    }
    expect(await names(anybody, '/api/v1/entities/%E5%90%8D')).toEqual([]);
    const { results } = (await anybody.get('/api/v1/entities/bob?namespace=alice&includeTeams=true')).json<Found>();
    expect(results).toEqual([
      { name: 'bob', kind: 'user', is_robot: false, avatar: expect.objectContaining({ name: 'bob' }) },
    ]);
  });

  it('are shown as members of an organization to its members only', async () => {
    expect((await alice.post('/api/v1/organization/', { name: 'quiet' })).status).toBe(201);
    const path = '/api/v1/entities/alice?namespace=quiet';
    expect((await alice.get(path)).body).toMatchObject({ results: [{ name: 'alice', is_org_member: true }] });
    for (const stranger of [anybody, await ApiClient.signedIn(registry, 'bob')])
      expect((await stranger.get(path)).body).toMatchObject({ results: [{ name: 'alice', is_org_member: false }] });
  });

  it('cannot be linked to a directory that is not there', async () => {
    expect((await alice.post('/api/v1/entities/link/somebody')).status).toBe(404);
    expect((await anybody.post('/api/v1/entities/link/somebody')).status).toBe(401);
  });

  it('are found by their whole name alone, where that is asked for', async () => {
    closeConnections();
    await registry.restart('SIGTERM', { FEATURE_PARTIAL_USER_AUTOCOMPLETE: 'false' });
    expect(await names(anybody, '/api/v1/entities/ali')).toEqual([]);
    expect(await names(anybody, '/api/v1/entities/alison')).toEqual(['alison']);
  });
});

describe('the registry tells', () => {
  it('what it can do', async () => {
    expect((await anybody.get('/api/v1/registry/capabilities')).both).toEqual([
      200,
      {
        sparse_manifests: { supported: false, required_architectures: [], optional_architectures_allowed: false },
        mirror_architectures: ['amd64', 'arm64', 'ppc64le', 's390x'],
      },
    ]);
  });

  it('what an error means, where the error says', async () => {
    const missing = await anybody.get('/api/v1/error/no-such-code');
    const { type } = missing.json<{ type: string }>();
    expect((await anybody.get(new URL(type).pathname)).both).toEqual([
      200,
      { type, title: 'not_found', description: expect.any(String) },
    ]);
  });
});
