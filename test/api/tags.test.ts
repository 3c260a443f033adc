import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient, type ApiAnswer } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { OCI_INDEX, ociIndex } from '../support/images.js';
import { RegistryProcess } from '../support/registry.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  V2Client,
  type Descriptor,
  type Repository,
} from '../support/v2client.js';

let registry: RegistryProcess;
let [ada, bob, nobody]: ApiClient[] = [];
const who = (client: ApiClient | undefined): ApiClient => {
  if (!client) throw new Error('everybody is signed in before the first test');
  return client;
};

beforeAll(async () => {
  registry = await RegistryProcess.start({ PERMANENTLY_DELETE_TAGS: 'true', FEATURE_SPARSE_INDEX: 'true' });
  for (const name of ['ada', 'bob']) await registry.createUser(name);
  [ada, bob] = await Promise.all(['ada', 'bob'].map((name) => ApiClient.signedIn(registry, name)));
  nobody = new ApiClient(registry);
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const small = { bytes: 100 } as const;
const repositoryOf = (name: string): Repository => new V2Client(registry, 'ada').repository(`ada/${name}`);
const pathOf = (name: string): string => `/api/v1/repository/ada/${name}`;

type Tag = { readonly name: string; readonly manifest_digest: string; readonly [member: string]: unknown };
const list = async (name: string, query = ''): Promise<readonly Tag[]> => {
  const answer = await who(ada).get(`${pathOf(name)}/tag/${query}`);
  expect(answer.status).toBe(200);
  return answer.json<{ tags: readonly Tag[] }>().tags;
};
const names = async (name: string, query: string): Promise<readonly string[]> =>
  (await list(name, query)).map((tag) => tag.name);
const NOT_FOUND = { title: 'not_found', detail: 'Not Found' };

describe('the list of tags', () => {
  beforeAll(async () => {
    const repository = repositoryOf('list');
    for (const tag of ['v1.0', 'v1.1', 'V2', 'latest']) await pushBusybox(repository, tag, small);
    await pushBusybox(repository, 'v1.0', { ...small, edition: '1.35' });
    expectStatus(await repository.delete('manifests/v1.1'), 202);
  });

  it('is filtered by name, in part or whole, in whatever case', async () => {
    expect(await names('list', '?filter_tag_name=like:v')).toEqual(['v1.0', 'V2', 'v1.1', 'v1.0']);
    expect(await names('list', '?filter_tag_name=like:1.1&onlyActiveTags=true')).toEqual([]);
    expect(await names('list', '?filter_tag_name=like:V1&onlyActiveTags=true')).toEqual(['v1.0']);
    expect(await names('list', '?filter_tag_name=eq:V2')).toEqual(['V2']);
    expect(await names('list', '?filter_tag_name=eq:a:b')).toEqual([]);
    expect(await names('list', '?filter_tag_name=unlike:v&onlyActiveTags=true')).toEqual(['v1.0', 'latest', 'V2']);
    expect(await names('list', '?filter_tag_name=like:v1&specificTag=v1.1')).toEqual(['v1.1']);
    expect(await names('list', '?filter_tag_name=eq:V2&specificTag=v1.1')).toEqual([]);
    const message =
      "Unsupported syntax for filter_tag_name. Expected <operation>:<tag_name> where <operation>can be 'like' or 'eq'.";
    expect((await who(ada).get(`${pathOf('list')}/tag/?filter_tag_name=v1`)).both).toEqual([400, { message }]);
  });

  it('has as many as the contract allows', async () => {
    expect(await names('list', '?limit=0')).toEqual(['v1.0']);
    expect(await names('list', '?limit=1000&page=-3')).toHaveLength(5);
    expect(await names('list', '?limit=100&page=999999999999999')).toEqual([]);
    const answer = await who(ada).get(`${pathOf('list')}/tag/?limit=many`);
    expect(answer.both).toEqual([
      400,
      { message: { limit: 'Limit to the number of results to return per page. Max 100.' } },
    ]);
  });

  it('is not for everybody', async () => {
    expect((await who(bob).get(`${pathOf('list')}/tag/`)).status).toBe(403);
    expect((await who(nobody).get(`${pathOf('list')}/tag/`)).status).toBe(401);
    expect((await who(ada).get(`${pathOf('none')}/tag/`)).status).toBe(404);
  });

  it('tells of an index what it is made of, and what of that is missing', async () => {
    const repository = repositoryOf('multi');
    const child = await pushBusybox(repository, 'amd64', small);
    const absent: Descriptor = { ...child, digest: digestOf('nobody pushed this') };
    const whole = await repository.pushManifest(ociIndex([child]), OCI_INDEX, 'whole');
    const sparse = await repository.pushManifest(ociIndex([child, absent]), OCI_INDEX, 'sparse');
    const [ofSparse, ofWhole, ofChild] = await list('multi');
    expect(ofChild).toMatchObject({ name: 'amd64', is_manifest_list: false, size: 100 });
    expect(ofChild).not.toHaveProperty('is_sparse');
    const common = { is_manifest_list: true, size: null, present_child_count: 1 };
    expect(ofWhole).toMatchObject({
      ...{ ...common, manifest_digest: whole.digest, is_sparse: false, child_manifest_count: 1 },
      child_manifests_presence: { [child.digest]: true },
    });
    expect(ofSparse).toMatchObject({
      ...{ ...common, manifest_digest: sparse.digest, is_sparse: true, child_manifest_count: 2 },
      child_manifests_presence: { [child.digest]: true, [absent.digest]: false },
    });
  });
});

describe('changing a tag', () => {
  it('needs a name that a tag can have, and a manifest that a tag leads to', async () => {
    const repository = repositoryOf('change');
    const { digest } = await pushBusybox(repository, 'latest', small);
    const change = (tag: string, body: object): Promise<ApiAnswer> =>
      who(ada).put(`${pathOf('change')}/tag/${tag}`, body);
    const message =
      'Invalid tag: must match [A-Za-z0-9_.-], NOT start with "." or "-", and can contain 1-128 characters';
    expect((await change('-x', { manifest_digest: digest })).both).toEqual([400, { message }]);
    for (const unknown of [null, 'latest', digestOf('nobody pushed this')]) {
      const answer = await change('v1', { manifest_digest: unknown });
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject(NOT_FOUND);
    }
    expect((await change('v1', {})).both).toEqual([201, 'Updated']);
    expect(await names('change', '')).toEqual(['latest']);
    expect((await who(bob).put(`${pathOf('change')}/tag/v1`, { manifest_digest: digest })).status).toBe(403);
    // Immutability is not served: it is ignored.
    expect((await change('v1', { immutable: true, manifest_digest: digest })).both).toEqual([201, 'Updated']);
    expect((await change('v1', { immutable: 'yes' })).status).toBe(400);
    expectStatus(await repository.delete(`manifests/${digest}`), 202);
    expect((await change('v1', { manifest_digest: digest })).status).toBe(404);
  });

  it('keeps what was done before a step that fails', async () => {
    await pushBusybox(repositoryOf('steps'), 'latest', small);
    const [{ start_ts: start } = { start_ts: 0 }] = await list('steps');
    const body = { expiration: Number(start) + 86_400, manifest_digest: digestOf('nobody pushed this') };
    expect((await who(ada).put(`${pathOf('steps')}/tag/latest`, body)).status).toBe(404);
    expect(await list('steps')).toMatchObject([{ name: 'latest', end_ts: body.expiration }]);
  });

  it('takes the signatures of an image with its last tag', async () => {
    const repository = repositoryOf('signed');
    const { digest } = await pushBusybox(repository, 'latest', small);
    const other = await pushBusybox(repository, 'other', { ...small, edition: '1.35' });
    await pushBusybox(repository, `${digest.replace(':', '-')}.sig`, { ...small, edition: '1.34' });
    expect((await who(ada).put(`${pathOf('signed')}/tag/latest`, { manifest_digest: other.digest })).status).toBe(201);
    expect(await names('signed', '?onlyActiveTags=true')).toEqual(['latest', 'other']);
  });

  it('restores what the repository still has, and only that', async () => {
    const repository = repositoryOf('restore');
    const { digest } = await pushBusybox(repository, 'latest', small);
    expectStatus(await repository.delete(`manifests/${digest}`), 202);
    const restore = (body: object, tag = 'latest') => who(ada).post(`${pathOf('restore')}/tag/${tag}/restore`, body);
    expect((await restore({})).body).toMatchObject({ detail: 'Missing manifest_digest' });
    expect((await restore({ manifest_digest: digestOf('nobody pushed this') })).status).toBe(404);
    expect((await restore({ manifest_digest: digest }, '-x')).status).toBe(400);
    // Also under a tag that it never had.
    expect((await restore({ manifest_digest: digest }, 'v1')).both).toEqual([200, {}]);
    expectStatus(await repository.get('manifests/v1'), 200);
  });
});

describe('the tags of a moment', () => {
  it('are what they were then, for who may see them now', async () => {
    const repository = repositoryOf('moment');
    const kept = await pushBusybox(repository, 'kept', small);
    const old = await pushBusybox(repository, 'latest', { ...small, edition: '1.35' });
    await who(ada).put(`${pathOf('moment')}/permissions/user/bob`, { role: 'read' });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const moment = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 5_500));
    const present = await pushBusybox(repository, 'latest', small);
    await pushBusybox(repository, 'new', small);
    const at = encodeURIComponent(moment);
    const rows = await list('moment', `?at=${at}`);
    expect(rows.map(({ name, manifest_digest: digest }) => [name, digest])).toEqual([
      ['latest', old.digest],
      ['kept', kept.digest],
    ]);
    // That it would be moved nobody knew then.
    expect(rows[0]).not.toHaveProperty('end_ts');
    expect(await names('moment', `?at=${at}&specificTag=latest`)).toEqual(['latest']);
    expect(await names('moment', `?at=${at}&filter_tag_name=like:new`)).toEqual([]);
    const whole = (await who(ada).get(`${pathOf('moment')}?at=${at}`)).json<{ tags: object }>().tags;
    expect(whole).toMatchObject({
      latest: { manifest_digest: old.digest },
      kept: { manifest_digest: kept.digest },
    });
    expect((await who(ada).get(pathOf('moment'))).body).toMatchObject({
      tags: { latest: { manifest_digest: present.digest } },
    });
    // What no living tag leads to today is for those who may write.
    const seen = await who(bob).get(`${pathOf('moment')}/tag/?at=${at}`);
    expect(seen.json<{ tags: readonly Tag[] }>().tags.map(({ name }) => name)).toEqual(['kept']);
  });

  it('must be moments that can be shown', async () => {
    const asked = async (at: string): Promise<unknown> =>
      (await who(ada).get(`${pathOf('moment')}/tag/?at=${encodeURIComponent(at)}`)).json<{ detail: string }>().detail;
    expect(await asked('yesterday')).toMatch(/RFC 3339/);
    expect(await asked('2026-13-45T00:00:00Z')).toMatch(/RFC 3339/);
    expect(await asked(new Date().toISOString())).toMatch(/at least 5 seconds back/);
    expect(await asked('2001-01-01T00:00:00+01:00')).toMatch(/outside the time machine/);
  });
});

describe('deleting a tag past the time machine', () => {
  const expire = (name: string, tag: string, body: object): Promise<ApiAnswer> =>
    who(ada).post(`${pathOf(name)}/tag/${tag}/expire`, body);
  const asOf = (moment: Date, name: string): Repository =>
    new V2Client(registry, 'ada').repository(
      `at-${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z/ada/${name}`,
    );

  it('takes a living one: it is nowhere but in the history, with an end long ago', async () => {
    const repository = repositoryOf('purge');
    const { digest } = await pushBusybox(repository, 'latest', small);
    await pushBusybox(repository, 'other', { ...small, edition: '1.35' });
    const [before] = await list('purge', '?specificTag=latest');
    expect((await expire('purge', 'latest', { is_alive: true })).both).toEqual([200, '']);
    expect(await names('purge', '?onlyActiveTags=true')).toEqual(['other']);
    const [row] = await list('purge', '?specificTag=latest');
    expect(row).toMatchObject({ name: 'latest', start_ts: before?.['start_ts'], manifest_digest: digest });
    expect(Math.abs(Number(row?.['end_ts']) - (Date.now() / 1000 - 14 * 86_400))).toBeLessThan(60);
    const gone = await repository.get('manifests/latest');
    expect([gone.status, gone.errors[0]?.detail]).toEqual([404, { reference: 'latest' }]);
    expect((await repository.get(`manifests/${digest}`)).status).toBe(404);
    expect((await who(ada).get(`${pathOf('purge')}/manifest/${digest}`)).status).toBe(404);
    const restored = await who(ada).post(`${pathOf('purge')}/tag/latest/restore`, { manifest_digest: digest });
    expect(restored.status).toBe(404);
    expect((await expire('purge', 'latest', { is_alive: true })).status).toBe(404);
    // Pushed again, it is there again, as if for the first time.
    await pushBusybox(repository, 'latest', small);
    expectStatus(await repository.get(`manifests/${digest}`), 200);
  });

  it('takes what a tag was: the time machine does not show it any more', async () => {
    const repository = repositoryOf('past');
    const old = await pushBusybox(repository, 'latest', small);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const moment = new Date();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const present = await pushBusybox(repository, 'latest', { ...small, edition: '1.35' });
    expectStatus(await asOf(moment, 'past').get('manifests/latest'), 200);
    expect((await expire('past', 'latest', { manifest_digest: digestOf('nothing') })).status).toBe(404);
    expect((await expire('past', 'latest', { manifest_digest: present.digest })).status).toBe(404);
    expect((await expire('past', 'none', { manifest_digest: old.digest })).status).toBe(404);
    expect((await expire('past', 'latest', {})).body).toMatchObject({
      detail: 'manifest_digest required when is_alive set to false',
    });
    const purged = await expire('past', 'latest', { manifest_digest: old.digest, include_submanifests: true });
    expect(purged.both).toEqual([200, '']);
    expect((await asOf(moment, 'past').get('manifests/latest')).status).toBe(404);
    expect((await asOf(moment, 'past').get(`manifests/${old.digest}`)).status).toBe(404);
    expectStatus(await repository.get('manifests/latest'), 200);
    const rows = await list('past');
    expect(rows.map((row) => row.manifest_digest)).toEqual([present.digest, old.digest]);
    expect(Number(rows[1]?.['end_ts'])).toBeLessThan(Number(rows[1]?.['start_ts']));
    expect((await expire('past', 'latest', { manifest_digest: old.digest })).status).toBe(404);
  });

  it('is not there where the instance does not allow it', async () => {
    const careful = await RegistryProcess.start();
    try {
      await careful.createUser('ada');
      const client = await ApiClient.signedIn(careful, 'ada');
      const path = '/api/v1/repository/ada/app';
      await client.post('/api/v1/repository', { repository: 'app', visibility: 'private', description: '' });
      expect((await client.post(`${path}/tag/latest/expire`, { is_alive: true })).status).toBe(405);
    } finally {
      await careful.stop();
    }
  });
});
