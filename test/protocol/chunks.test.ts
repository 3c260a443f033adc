import { request, type ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { RegistryProcess } from '../support/registry.js';
import {
  closeConnections,
  digestOf,
  freshBytes,
  locationOf,
  V2Client,
  type Answer,
  type Repository,
} from '../support/v2client.js';

let registry: RegistryProcess;
let repository: Repository;

beforeAll(async () => {
  registry = await RegistryProcess.start({ MAXIMUM_LAYER_SIZE: '1M' });
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const summary = (answer: Answer) => [answer.status, answer.header('range')];

describe('chunks', () => {
  it('DS-051 DS-052 DS-053 DS-045 DS-050 DS-057 are taken in any size, the last with the closing PUT', async () => {
    const bytes = freshBytes(70_003);
    let location = await repository.beginUpload();
    let at = 0;
    for (const size of [1, 7, 1024, 65_536]) {
      const answer = await repository.patch(location, bytes.subarray(at, at + size), at);
      at += size;
      expect(summary(answer)).toEqual([202, `0-${at - 1}`]);
      expect(answer.header('docker-upload-uuid')).toBe(location.split('/').at(-1));
      location = locationOf(answer);
    }
    const answer = await repository.close(location, digestOf(bytes), bytes.subarray(at), at);
    expect(answer.status).toBe(201);
    expect((await repository.get(locationOf(answer))).body.equals(bytes)).toBe(true);
  });

  it('DS-056 DS-207 answer 416 out of order, ahead and behind, and the session goes on', async () => {
    const bytes = freshBytes(3000);
    const location = await repository.beginUpload();
    expect(summary(await repository.patch(location, bytes.subarray(1000, 2000), 1000))).toEqual([416, '0-0']);
    expect((await repository.patch(location, bytes.subarray(0, 1000), 0)).status).toBe(202);
    for (const start of [0, 500, 999, 1001, 2000]) {
      const answer = await repository.patch(location, bytes.subarray(2000), start);
      expect(summary(answer)).toEqual([416, '0-999']);
      expect([answer.header('location'), answer.body.byteLength]).toEqual([location, 0]);
      expect(summary(await repository.get(location))).toEqual([204, '0-999']);
    }
    expect((await repository.patch(location, bytes.subarray(1000), 1000)).status).toBe(202);
    expect((await repository.close(location, digestOf(bytes))).status).toBe(201);
  });

  it('DS-061 DS-207 answer 416 to a PUT out of order, and the session goes on', async () => {
    const bytes = freshBytes(2000);
    const location = await repository.beginUpload();
    const digest = digestOf(bytes);
    expect(summary(await repository.close(location, digest, bytes.subarray(1000), 1000))).toEqual([416, '0-0']);
    await repository.patch(location, bytes.subarray(0, 1000), 0);
    for (const start of [0, 999, 1001]) {
      expect(summary(await repository.close(location, digest, bytes.subarray(1000), start))).toEqual([416, '0-999']);
    }
    expect((await repository.close(location, digest, bytes.subarray(1000), 1000)).status).toBe(201);
  });

  it('are refused when their range is none or does not fit their length', async () => {
    const location = await repository.beginUpload();
    for (const range of ['a-b', '5', '-5', '10-5', 'bytes=0-511']) {
      const answer = await repository.send('PATCH', location, {
        body: freshBytes(512),
        headers: { 'Content-Range': range },
      });
      expect(answer.refusal).toEqual([400, 'BLOB_UPLOAD_INVALID']);
    }
    const long = await repository.send('PATCH', location, {
      body: freshBytes(512),
      headers: { 'Content-Range': '0-100' },
    });
    expect(long.refusal).toEqual([400, 'SIZE_INVALID']);
    const streamed = await repository.send('PATCH', location, {
      body: [freshBytes(512)],
      headers: { 'Content-Range': '0-100' },
    });
    expect(streamed.refusal).toEqual([400, 'SIZE_INVALID']);
    expect(summary(await repository.get(location))).toEqual([204, '0-0']);
    const lenient = await repository.send('PATCH', location, {
      body: freshBytes(512),
      headers: { 'Content-Range': 'bytes 0-511/512' },
    });
    expect(lenient.status).toBe(202);
  });

  it('of two writers at the same offset are taken once, the other answers 416', async () => {
    const [first, second] = [freshBytes(200_000), freshBytes(200_000)];
    const location = await repository.beginUpload();
    const answers = await Promise.all([first, second].map((bytes) => repository.patch(location, bytes, 0)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 416]);
    const taken = answers[0]?.status === 202 ? first : second;
    expect((await repository.close(location, digestOf(taken))).status).toBe(201);
  });

  it('go on at once after a client that hung and then broke off', async () => {
    const location = await repository.beginUpload();
    const url = new URL(location, repository.client.target.url);
    const headers = { Authorization: `Bearer ${(await repository.token()) ?? ''}`, 'Content-Length': 100_000 };
    const hang = async (): Promise<ClientRequest> => {
      const hanging = request(url, { method: 'PATCH', headers }).on('error', () => undefined);
      hanging.write(freshBytes(1000));
      await sleep(200);
      return hanging;
    };
    let hanging = await hang();
    // Whoever comes first has it: until that is the one that hangs.
    while ((await repository.patch(location, '')).status !== 416) {
      hanging.destroy();
      hanging = await hang();
    }
    hanging.destroy();
    const broken = Date.now();
    let resumed = await repository.patch(location, '');
    while (resumed.status === 416 && Date.now() - broken < 10_000) {
      await sleep(10);
      resumed = await repository.patch(location, '');
    }
    expect(resumed.status).toBe(202);
    expect(Date.now() - broken).toBeLessThan(5_000);
    const bytes = freshBytes(100);
    expect((await repository.patch(location, bytes)).status).toBe(202);
  });

  it('that exceed the largest layer are refused with 413, and the session is gone', async () => {
    const large = freshBytes(1024 * 1024 + 1);
    const declared = await repository.beginUpload();
    expect((await repository.patch(declared, large)).refusal).toEqual([413, 'SIZE_INVALID']);
    expect((await repository.get(declared)).status).toBe(404);
    const streamed = await repository.beginUpload();
    const answer = await repository.patch(streamed, [large]);
    expect(answer.errors[0]).toMatchObject({ code: 'SIZE_INVALID', detail: { max_allowed: 1024 * 1024 } });
    expect((await repository.get(streamed)).status).toBe(404);
    const exact = large.subarray(1);
    expect((await repository.upload('post', exact, digestOf(exact))).status).toBe(201);
  });
});

describe('an unfinished session', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'goes on after the server ended by %s, with both algorithms',
    async (signal) => {
      const bytes = freshBytes(150_000);
      const locations = [];
      for (const algorithm of ['sha256', 'sha512'] as const) {
        const location = await repository.beginUpload();
        expect((await repository.patch(location, bytes.subarray(0, 100_001), 0)).status).toBe(202);
        locations.push({ algorithm, location });
      }
      const untouched = await repository.beginUpload();
      closeConnections();
      await registry.restart(signal);
      for (const { algorithm, location } of locations) {
        expect(summary(await repository.get(location))).toEqual([204, '0-100000']);
        const digest = digestOf(bytes, algorithm);
        const answer = await repository.close(location, digest, bytes.subarray(100_001), 100_001);
        expect(answer.status).toBe(201);
        expect((await repository.get(`blobs/${digest}`)).body.equals(bytes)).toBe(true);
      }
      expect((await repository.upload('post-put', bytes, digestOf(bytes))).status).toBe(201);
      expect(summary(await repository.get(untouched))).toEqual([204, '0-0']);
    },
  );
});
