import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import type { ApiClient } from '../support/apiClient.js';
import { BUSYBOX_BYTES, pushBusybox } from '../support/busybox.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { firstAccountSettings, makeFirstAccount } from '../support/firstAccount.js';
import { closeConnections, expectStatus, V2Client, type Descriptor, type Repository } from '../support/v2client.js';

// What Quay's users read in its guide, chapter "image tags" (and chapter 6 of the hosted service's): commands and answers.

let registry: ControlledRegistry;
let program: ApiClient;
let podman: V2Client;

beforeAll(async () => {
  registry = await ControlledRegistry.start(firstAccountSettings());
  ({ admin: program } = await makeFirstAccount(registry));
  podman = new V2Client(registry, 'quayadmin');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

type Tag = { readonly name: string; readonly manifest_digest: string; readonly [member: string]: unknown };
type TagList = { readonly tags: readonly Tag[]; readonly page: number; readonly has_additional: boolean };

const RFC_2822 = expect.stringMatching(
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d -0000$/,
);
const SECONDS: unknown = expect.any(Number);

/** A repository of its own for each story. */
let stories = 0;
function story(): { readonly path: string; readonly repository: Repository } {
  const name = `quayadmin/busybox${++stories}`;
  return { path: `/api/v1/repository/${name}`, repository: podman.repository(name) };
}

const list = async (path: string, query = ''): Promise<TagList> => {
  const answer = await program.get(`${path}/tag/${query}`);
  expect(answer.status).toBe(200);
  return answer.json<TagList>();
};
/** Seconds on the registry's clock pass, so that what begins later starts later. */
const pass = (seconds = 2): Promise<void> => registry.call('advance', seconds);

it('tag information is viewed: with the repository, and as a list', async () => {
  const { path, repository } = story();
  const first = await pushBusybox(repository, 'test');
  await pass();
  await pushBusybox(repository, 'example');
  const shown = await program.get(`${path}?includeTags=true`);
  const tag = (name: string) => ({
    ...{ name, size: BUSYBOX_BYTES, last_modified: RFC_2822, manifest_digest: first.digest },
  });
  expect(shown.body).toMatchObject({
    ...{ kind: 'image', description: null, is_public: false, is_organization: false, is_starred: false },
    ...{ trust_enabled: false, tag_expiration_s: 1_209_600, is_free_account: true, state: 'NORMAL' },
    ...{ can_write: true, can_admin: true },
  });
  expect(shown.json<{ tags: object }>().tags).toEqual({ example: tag('example'), test: tag('test') });
  const row = (name: string) => ({
    ...{ name, reversion: false, start_ts: SECONDS, manifest_digest: first.digest, is_manifest_list: false },
    ...{ size: BUSYBOX_BYTES, last_modified: RFC_2822 },
  });
  // The guide writes the path with a slash at its end, and without.
  for (const asked of [`${path}/tag/`, `${path}/tag`]) {
    expect((await program.get(asked)).both).toEqual([
      200,
      { tags: [row('example'), row('test')], page: 1, has_additional: false },
    ]);
  }
  expect(Object.keys((await program.get(`${path}?includeTags=false`)).json<object>())).not.toContain('tags');
});

it('a tag is added to an image over the API, an old one is restored, and the list tells of both', async () => {
  const { path, repository } = story();
  const old = await pushBusybox(repository, 'test', { edition: '1.35' });
  await pass();
  const present = await pushBusybox(repository, 'test');
  await pass();
  const added = await program.put(`${path}/tag/test-two`, { manifest_digest: present.digest });
  expect(added.both).toEqual([201, 'Updated']);
  expect((await repository.get('manifests/test-two')).header('docker-content-digest')).toBe(present.digest);
  await pass();
  const restored = await program.post(`${path}/tag/test/restore`, { manifest_digest: old.digest });
  expect(restored.both).toEqual([200, {}]);
  expect((await repository.get('manifests/test')).header('docker-content-digest')).toBe(old.digest);
  const { tags, page, has_additional: more } = await list(path);
  expect({ page, more }).toEqual({ page: 1, more: false });
  const times = { start_ts: SECONDS, last_modified: RFC_2822 };
  const common = { ...times, is_manifest_list: false, size: BUSYBOX_BYTES };
  const ended = { ...common, end_ts: SECONDS, expiration: RFC_2822 };
  expect(tags).toEqual([
    { ...common, name: 'test', reversion: true, manifest_digest: old.digest },
    { ...common, name: 'test-two', reversion: false, manifest_digest: present.digest },
    { ...ended, name: 'test', reversion: false, manifest_digest: present.digest },
    { ...ended, name: 'test', reversion: false, manifest_digest: old.digest },
  ]);
  // Where one row ends the next one of the tag begins.
  expect([tags[2]?.['end_ts'], tags[3]?.['end_ts']]).toEqual([tags[0]?.['start_ts'], tags[2]?.['start_ts']]);
});

it('labels are listed, viewed, added and removed', async () => {
  const { path, repository } = story();
  const { digest } = await pushBusybox(repository, 'test', { bytes: 1_000 });
  const manifest = `${path}/manifest/${digest}`;
  const details = await program.get(manifest);
  expect(details.status).toBe(200);
  expect(details.body).toMatchObject({ digest, is_manifest_list: false, layers_compressed_size: 1_000 });

  const own = (key: string, value: string) => ({
    ...{ id: expect.any(String), key, value, source_type: 'manifest', media_type: 'text/plain' },
  });
  const listed = await program.get(`${manifest}/labels`);
  const [url, version] = [
    own('org.opencontainers.image.url', 'https://github.com/docker-library/busybox'),
    own('org.opencontainers.image.version', '1.36.1-glibc'),
  ];
  expect(listed.both).toEqual([200, { labels: [url, version] }]);
  const [first] = listed.json<{ labels: { id: string }[] }>().labels;
  expect((await program.get(`${manifest}/labels/${first?.id ?? ''}`)).both).toEqual([200, url]);

  const label = { key: 'example-key', value: 'example-value', media_type: 'text/plain' };
  const added = await program.post(`${manifest}/labels`, label);
  const { id } = added.json<{ label: { id: string } }>().label;
  expect(added.both).toEqual([201, { label: { id, ...label, source_type: 'api' } }]);
  expect(added.headers.get('location')).toBe(`${manifest}/labels/${id}`);
  expect((await program.get(`${manifest}/labels`)).json<{ labels: object[] }>().labels).toHaveLength(3);

  const removed = await program.delete(`${manifest}/labels/${id}`);
  expect([removed.status, removed.text]).toEqual([204, '']);
  expect((await program.get(`${manifest}/labels`)).body).toEqual({ labels: [url, version] });
  expect((await program.get(`${manifest}/labels/${id}`)).status).toBe(404);
});

it('an image is pulled by tag and by digest', async () => {
  const { path, repository } = story();
  const pushed: Descriptor = await pushBusybox(repository, 'test2', { bytes: 1_000 });
  const [tag] = (await list(path)).tags;
  expect(tag?.manifest_digest).toBe(pushed.digest);
  const byTag = expectStatus(await repository.get('manifests/test2'), 200);
  const byDigest = expectStatus(await repository.get(`manifests/${tag?.manifest_digest ?? ''}`), 200);
  expect(byDigest.text).toBe(byTag.text);
  const { manifest_data: document } = (await program.get(`${path}/manifest/${pushed.digest}`)).json<{
    manifest_data: string;
  }>();
  expect(document).toBe(byTag.text);
});

it('the history of tags is viewed: those that are alive, page by page, and of one tag', async () => {
  const { path, repository } = story();
  const first = await pushBusybox(repository, 'example', { bytes: 1_000 });
  await pass();
  expectStatus(await repository.putManifest('{}', 'text/plain', 'nonsense'), 415);
  for (const tag of ['tag-test', 'test-two']) {
    expect((await program.put(`${path}/tag/${tag}`, { manifest_digest: first.digest })).status).toBe(201);
    await pass();
  }
  const other = await pushBusybox(repository, 'test-two', { bytes: 1_000, edition: '1.35' });
  await pass();
  expect((await program.post(`${path}/tag/test-two/restore`, { manifest_digest: first.digest })).status).toBe(200);

  const alive = await list(path, '?onlyActiveTags=true&page=1&limit=10');
  expect(alive).toMatchObject({ page: 1, has_additional: false });
  expect(alive.tags.map(({ name, reversion, end_ts: end }) => [name, reversion, end])).toEqual([
    ['test-two', true, undefined],
    ['tag-test', false, undefined],
    ['example', false, undefined],
  ]);
  const one = await list(path, '?onlyActiveTags=true&page=1&limit=20&specificTag=test-two');
  expect(one).toEqual({ tags: [alive.tags[0]], page: 1, has_additional: false });
  const history = await list(path, '?specificTag=test-two');
  expect(history.tags.map((tag) => tag.manifest_digest)).toEqual([first.digest, other.digest, first.digest]);

  const whole = (await list(path)).tags;
  const pages = [
    await list(path, '?limit=2'),
    await list(path, '?limit=2&page=2'),
    await list(path, '?limit=2&page=3'),
  ];
  expect(pages.flatMap(({ tags }) => tags)).toEqual(whole);
  expect(pages.map((page) => [page.page, page.has_additional])).toEqual([
    [1, true],
    [2, true],
    [3, false],
  ]);
  expect(await list(path, '?limit=2&page=9')).toEqual({ tags: [], page: 9, has_additional: false });
});

it('a tag is deleted over the API, and the list tells when', async () => {
  const { path, repository } = story();
  const { digest } = await pushBusybox(repository, 'test', { bytes: 1_000 });
  await program.put(`${path}/tag/example`, { manifest_digest: digest });
  await pass();
  const deleted = await program.delete(`${path}/tag/test`);
  expect([deleted.status, deleted.text]).toEqual([204, '']);
  expect((await repository.get('manifests/test')).status).toBe(404);
  expect((await repository.get('tags/list')).json<object>()).toMatchObject({ tags: ['example'] });
  expect((await list(path)).tags.map(({ name, end_ts: end }) => [name, end === undefined])).toEqual([
    ['example', true],
    ['test', false],
  ]);
  expect((await program.delete(`${path}/tag/test`)).status).toBe(404);
});

it('a change of a tag is reverted: a deletion and a move', async () => {
  const { path, repository } = story();
  const old = await pushBusybox(repository, 'test', { bytes: 1_000, edition: '1.35' });
  await pass();
  const present = await pushBusybox(repository, 'test', { bytes: 1_000 });
  await pass();
  expect((await program.post(`${path}/tag/test/restore`, { manifest_digest: old.digest })).both).toEqual([200, {}]);
  expect((await repository.get('manifests/test')).header('docker-content-digest')).toBe(old.digest);
  await pass();
  expect((await program.delete(`${path}/tag/test`)).status).toBe(204);
  await pass();
  expect((await program.post(`${path}/tag/test/restore`, { manifest_digest: present.digest })).both).toEqual([200, {}]);
  expect((await repository.get('manifests/test')).header('docker-content-digest')).toBe(present.digest);
  expect((await list(path)).tags.map(({ reversion, manifest_digest: to }) => [reversion, to])).toEqual([
    [true, present.digest],
    [true, old.digest],
    [false, present.digest],
    [false, old.digest],
  ]);
});
