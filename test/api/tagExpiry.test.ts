import { afterAll, beforeAll, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ApiClient } from '../support/apiClient.js';
import { pushBusybox } from '../support/busybox.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { closeConnections, expectStatus, V2Client, type Repository } from '../support/v2client.js';

// What Quay's users read in its guide of tags that end, hours and days later: tokens that were asked for before are void.

let registry: ControlledRegistry;
let browser: ApiClient;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('quayadmin');
  browser = await ApiClient.signedIn(registry, 'quayadmin');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const HOUR = 3_600;
const DAY = 86_400;
const path = (name: string): string => `/api/v1/repository/quayadmin/${name}`;
const podman = (name: string): Repository => new V2Client(registry, 'quayadmin').repository(`quayadmin/${name}`);
const pass = (seconds: number): Promise<void> => registry.call('advance', seconds);

type Tag = { readonly name: string; readonly start_ts: number; readonly end_ts?: number };
const list = async (name: string, query = ''): Promise<readonly Tag[]> => {
  const answer = await browser.get(`${path(name)}/tag/${query}`);
  expect(answer.status).toBe(200);
  return answer.json<{ tags: readonly Tag[] }>().tags;
};

it('a tag ends by the label of its image, counted from the push', async () => {
  await pushBusybox(podman('labelled'), 'test', { bytes: 1_000, labels: { 'quay.expires-after': '20h' } });
  const [tag] = await list('labelled');
  expect(Number(tag?.end_ts) - Number(tag?.start_ts)).toBe(20 * HOUR);
  await pass(20 * HOUR - 60);
  expect(await list('labelled', '?onlyActiveTags=true')).toHaveLength(1);
  await pass(120);
  expect(await list('labelled', '?onlyActiveTags=true')).toHaveLength(0);
  expect(await list('labelled')).toEqual([tag]);
  expect((await podman('labelled').get('manifests/test')).status).toBe(404);
});

it('a tag that is put on an image with such a label ends by it, too, and so does one that is restored', async () => {
  const labels = { 'quay.expires-after': '2d' };
  const { digest } = await pushBusybox(podman('moved'), 'test', { bytes: 1_000, labels });
  await pass(HOUR);
  expect((await browser.put(`${path('moved')}/tag/another`, { manifest_digest: digest })).status).toBe(201);
  expect((await browser.delete(`${path('moved')}/tag/test`)).status).toBe(204);
  await pass(2);
  expect((await browser.post(`${path('moved')}/tag/test/restore`, { manifest_digest: digest })).status).toBe(200);
  const lives = (await list('moved', '?onlyActiveTags=true')).map(
    ({ start_ts: start, end_ts: end }) => Number(end) - start,
  );
  expect(lives).toEqual([2 * DAY, 2 * DAY]);
});

it('a tag is made to end over the API, is gone then, and can be brought back', async () => {
  const { digest } = await pushBusybox(podman('ending'), 'test', { bytes: 1_000 });
  const [tag] = await list('ending');
  const end = Number(tag?.start_ts) + 2 * DAY;
  expect((await browser.put(`${path('ending')}/tag/test`, { expiration: end })).both).toEqual([201, 'Updated']);
  expect(await list('ending')).toMatchObject([{ name: 'test', end_ts: end, expiration: expect.any(String) }]);
  expect((await browser.get(path('ending'))).body).toMatchObject({
    tags: { test: { expiration: expect.any(String) } },
  });
  await pass(2 * DAY + 2);
  expect((await podman('ending').get('manifests/test')).status).toBe(404);
  expect((await browser.get(path('ending'))).body).toMatchObject({ tags: {} });
  expect((await browser.post(`${path('ending')}/tag/test/restore`, { manifest_digest: digest })).both).toEqual([
    200,
    {},
  ]);
  expectStatus(await podman('ending').get('manifests/test'), 200);
});

it('what is wished for is moved to what is allowed, and a tag may be made to last again', async () => {
  await pushBusybox(podman('clamped'), 'test', { bytes: 1_000 });
  const [{ start_ts: start } = { start_ts: 0 }] = await list('clamped');
  const change = (expiration: unknown) => browser.put(`${path('clamped')}/tag/test`, { expiration });
  const lifetime = async () => (await list('clamped')).map(({ end_ts: end }) => end && end - start);
  expect((await change(start + 600)).status).toBe(201);
  expect(await lifetime()).toEqual([HOUR]);
  expect((await change(start + 4_000 * DAY)).status).toBe(201);
  expect(await lifetime()).toEqual([104 * 7 * DAY]);
  expect((await change(null)).both).toEqual([201, 'Updated']);
  expect(await lifetime()).toEqual([undefined]);
  const message = 'The browser (or proxy) sent a request that this server could not understand.';
  for (const past of [start - 1, 0, 1e300]) expect((await change(past)).both).toEqual([400, { message }]);
  expect((await change('tomorrow')).status).toBe(400);
  expect((await browser.put(`${path('clamped')}/tag/none`, { expiration: null })).status).toBe(404);
});
