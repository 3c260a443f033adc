import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import {
  artifact,
  DOCKER_MANIFEST,
  dockerImage,
  ociImage,
  OCI_INDEX,
  OCI_MANIFEST,
  ociIndex,
  pushImage,
} from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client, type Repository } from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  alice = new V2Client(registry, 'alice');
  repository = alice.repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('GET and HEAD of a manifest', () => {
  it('DS-012 DS-013 DS-008 DS-010 DS-081 DS-212 serves the bytes, the type and the digest that were pushed', async () => {
    const image = await ociImage(repository, { unknown: { member: [1, 2] }, annotations: { b: '2', a: '1' } });
    const bytes = Buffer.from(JSON.stringify(image, null, 3) + '\n');
    await repository.putManifest(bytes, OCI_MANIFEST, 'v1');
    for (const reference of ['v1', digestOf(bytes)]) {
      const answer = await repository.get(`manifests/${reference}`);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(bytes)).toBe(true);
      expect(answer.header('content-type')).toBe(OCI_MANIFEST);
      expect(answer.header('docker-content-digest')).toBe(digestOf(bytes));
      expect(answer.header('content-length')).toBe(String(bytes.byteLength));
    }
  });

  it('DS-023 DS-024 DS-025 DS-217 answers HEAD with the same headers and no body', async () => {
    const { digest } = await pushImage(repository, 'head');
    for (const reference of ['head', digest]) {
      const [get, head] = [
        await repository.get(`manifests/${reference}`),
        await repository.head(`manifests/${reference}`),
      ];
      expect([head.status, head.body.byteLength]).toEqual([200, 0]);
      for (const name of ['content-type', 'content-length', 'docker-content-digest', 'etag']) {
        expect(head.header(name)).toBe(get.header(name));
      }
    }
  });

  it('DS-016 DS-026 answers 404 for a manifest that is not in the repository', async () => {
    const elsewhere = await pushImage(alice.repository('alice/elsewhere'), 'there');
    for (const reference of ['none', digestOf('none'), elsewhere.digest]) {
      expect((await repository.get(`manifests/${reference}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
      expect((await repository.head(`manifests/${reference}`)).status).toBe(404);
    }
  });

  it('DS-089 answers 404 for a repository that does not exist, to who could pull it', async () => {
    const missing = alice.repository('alice/missing');
    const token = await alice.token('repository:alice/missing:pull,push');
    expect((await missing.get('manifests/v1')).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await missing.get('tags/list')).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await missing.send('GET', `blobs/${digestOf('x')}`, { token })).refusal).toEqual([404, 'NAME_UNKNOWN']);
    expect((await missing.send('GET', 'manifests/v1', { token: await alice.token() })).refusal).toEqual([
      401,
      'UNAUTHORIZED',
    ]);
  });

  it('serves what the client accepts: as stored, or the image for linux/amd64', async () => {
    const amd64 = { ...(await pushImage(repository)), platform: { architecture: 'amd64', os: 'linux' } };
    const arm64 = { ...(await pushImage(repository)), platform: { architecture: 'arm64', os: 'linux' } };
    const index = await repository.pushManifest(ociIndex([arm64, amd64]), OCI_INDEX, 'multi');
    for (const accept of [undefined, '*/*', 'application/*', `${OCI_INDEX};q=0.5`, `${OCI_MANIFEST}, ${OCI_INDEX}`]) {
      const answer = await repository.get('manifests/multi', accept === undefined ? {} : { Accept: accept });
      expect(answer.header('docker-content-digest')).toBe(index.digest);
    }
    const image = await repository.get('manifests/multi', { Accept: OCI_MANIFEST });
    expect([image.header('content-type'), image.header('docker-content-digest')]).toEqual([OCI_MANIFEST, amd64.digest]);
    const lines = await repository.get('manifests/multi', { Accept: [DOCKER_MANIFEST, OCI_INDEX] });
    expect(lines.header('content-type')).toBe(OCI_INDEX);
    expect((await repository.get(`manifests/${index.digest}`, { Accept: DOCKER_MANIFEST })).status).toBe(200);
  });

  it('answers 404 when the client accepts only foreign types', async () => {
    await repository.pushManifest(await artifact(repository, 'application/vnd.example'), OCI_MANIFEST, 'artifact');
    const answer = await repository.get('manifests/artifact', { Accept: DOCKER_MANIFEST });
    expect(answer.refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    await repository.pushManifest(await dockerImage(repository), DOCKER_MANIFEST, 'docker');
    expect((await repository.get('manifests/docker', { Accept: DOCKER_MANIFEST })).status).toBe(200);
  });

  it('DS-161 DS-147 answers 304 to a client that has it already', async () => {
    const { digest } = await pushImage(repository, 'etag');
    const first = await repository.get('manifests/etag');
    expect(first.header('etag')).toBe(`"${digest}"`);
    const again = await repository.get('manifests/etag', { 'If-None-Match': `"${digest}"` });
    expect([again.status, again.body.byteLength]).toEqual([304, 0]);
    for (const named of [`W/"${digest}"`, `"other", "${digest}"`, '*']) {
      expect((await repository.get('manifests/etag', { 'If-None-Match': named })).status).toBe(304);
    }
    await pushImage(repository, 'etag');
    expect((await repository.get('manifests/etag', { 'If-None-Match': `"${digest}"` })).status).toBe(200);
  });
});

describe('GET and HEAD of a blob', () => {
  it('DS-017 DS-018 DS-019 DS-181 DS-202 serves the bytes, with the digest as asked for', async () => {
    const bytes = freshBytes(100_000);
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const digest = await repository.pushBlob(bytes, algorithm);
      const answer = await repository.get(`blobs/${digest}`);
      expect(answer.status).toBe(200);
      expect(answer.body.equals(bytes)).toBe(true);
      expect(answer.header('docker-content-digest')).toBe(digest);
      expect(answer.header('content-length')).toBe('100000');
      expect(answer.header('content-type')).toBe('application/octet-stream');
      expect(answer.header('content-encoding')).toBeUndefined();
      const head = await repository.head(`blobs/${digest}`);
      expect([head.status, head.header('content-length'), head.header('docker-content-digest')]).toEqual([
        200,
        '100000',
        digest,
      ]);
      expect(head.header('accept-ranges')).toBe('bytes');
    }
  });

  it('DS-021 DS-026 answers 404 for a blob that is not in this repository, wherever else it is', async () => {
    const elsewhere = await alice.repository('alice/elsewhere').pushBlob(freshBytes());
    for (const digest of [digestOf('never'), elsewhere, digestOf(elsewhere, 'sha512')]) {
      expect((await repository.get(`blobs/${digest}`)).refusal).toEqual([404, 'BLOB_UNKNOWN']);
      expect((await repository.head(`blobs/${digest}`)).status).toBe(404);
    }
  });

  it('DS-208 DS-219 serves the blob of no bytes and that of {}', async () => {
    const small = alice.repository('alice/small');
    for (const content of ['', '{}']) {
      const digest = await small.pushBlob(content);
      const [get, head] = [await small.get(`blobs/${digest}`), await small.head(`blobs/${digest}`)];
      expect([get.status, get.text, get.header('content-length')]).toEqual([200, content, String(content.length)]);
      expect([head.status, head.header('content-length')]).toEqual([200, String(content.length)]);
      expect((await small.delete(`blobs/${digest}`)).status).toBe(202);
      expect((await small.head(`blobs/${digest}`)).status).toBe(404);
    }
  });

  it('serves the empty layer of Docker everywhere', async () => {
    await pushImage(alice.repository('alice/new'), 'v1');
    const digest = 'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';
    const answer = await alice.repository('alice/new').get(`blobs/${digest}`);
    expect([answer.status, answer.body.byteLength, digestOf(answer.body)]).toEqual([200, 32, digest]);
    expect((await alice.repository('alice/new').delete(`blobs/${digest}`)).refusal).toEqual([405, 'DENIED']);
  });

  it('DS-148 DS-178 sends bytes itself and points nowhere else', async () => {
    const digest = await repository.pushBlob(freshBytes(200_000));
    const answer = await repository.get(`blobs/${digest}`);
    expect([answer.status, answer.header('location')]).toEqual([200, undefined]);
    expect(await repository.beginUpload()).toMatch(/^\/v2\/alice\/app\/blobs\/uploads\//);
  });

  it('DS-143 DS-144 ignores the ns parameter, and so does not echo it', async () => {
    await pushImage(repository, 'ns');
    const answer = await repository.get('manifests/ns?ns=docker.io');
    expect([answer.status, answer.header('oci-namespace')]).toEqual([200, undefined]);
  });
});

describe('ranges of a blob', () => {
  const bytes = freshBytes(2048);
  let path: string;
  beforeAll(async () => {
    path = `blobs/${await repository.pushBlob(bytes)}`;
  });

  it.each([
    ['bytes=500-1499', 500, 1500],
    ['bytes=500-', 500, 2048],
    ['bytes=-500', 1548, 2048],
    ['bytes=2000-5000', 2000, 2048],
    ['bytes=0-0', 0, 1],
    ['bytes=-5000', 0, 2048],
  ])('DS-022 answers 206 to %s', async (range, start, end) => {
    const answer = await repository.get(path, { Range: range });
    expect(answer.status).toBe(206);
    expect(answer.body.equals(bytes.subarray(start, end))).toBe(true);
    expect(answer.header('content-range')).toBe(`bytes ${start}-${end - 1}/2048`);
    expect(answer.header('content-length')).toBe(String(end - start));
  });

  it.each(['bytes=500-0', 'bytes=5000-10000', 'bytes=2048-', 'bytes=-0'])('DS-022 answers 416 to %s', async (range) => {
    const answer = await repository.get(path, { Range: range });
    expect([answer.status, answer.body.byteLength, answer.header('content-range')]).toEqual([416, 0, 'bytes */2048']);
  });

  it.each(['bytes=0-1,5-6', 'lines=1-2', 'bytes=a-b'])('DS-022 ignores %s and sends the whole', async (range) => {
    const answer = await repository.get(path, { Range: range });
    expect([answer.status, answer.body.byteLength]).toEqual([200, 2048]);
  });

  it('answers 304 to a client that has the blob already', async () => {
    const etag = (await repository.get(path)).header('etag');
    for (const named of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      expect((await repository.get(path, { 'If-None-Match': named })).status).toBe(304);
    }
  });
});
