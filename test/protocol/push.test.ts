import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import {
  closeConnections,
  digestOf,
  FLOWS,
  freshBytes,
  locationOf,
  V2Client,
  withQuery,
  type Repository,
} from '../support/v2client.js';

let registry: ControlledRegistry;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  repository = new V2Client(registry, 'alice').repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

describe('a session', () => {
  it('DS-031 DS-032 DS-033 DS-034 DS-002 begins with 202, a Location with a UUID, and an empty range', async () => {
    for (const path of ['blobs/uploads/', 'blobs/uploads']) {
      const answer = await repository.send('POST', path);
      expect(answer.status).toBe(202);
      const uuid = answer.header('docker-upload-uuid') ?? '';
      expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
      expect(locationOf(answer)).toBe(`/v2/alice/app/blobs/uploads/${uuid}`);
      expect([answer.header('range'), answer.header('content-length')]).toEqual(['0-0', '0']);
      expect(answer.header('oci-chunk-min-length')).toBeUndefined();
    }
  });

  it('DS-062 DS-063 DS-064 DS-220 tells where it is, before the first byte and after', async () => {
    const location = await repository.beginUpload();
    const empty = await repository.get(location);
    expect([empty.status, empty.header('range'), empty.header('location')]).toEqual([204, '0-0', location]);
    const bytes = freshBytes(1000);
    await repository.patch(location, bytes, 0);
    for (const path of [location, withQuery(location, { digest: digestOf(bytes) })]) {
      const status = await repository.get(path);
      expect([status.status, status.header('range')]).toEqual([204, '0-999']);
      expect(status.header('docker-upload-uuid')).toBe(location.split('/').at(-1));
    }
  });

  it('DS-066 is cancelled with 204, and unknown afterwards', async () => {
    const location = await repository.beginUpload();
    await repository.patch(location, freshBytes());
    expect((await repository.delete(location)).status).toBe(204);
    expect((await repository.get(location)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect((await repository.delete(location)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect((await repository.patch(location, freshBytes())).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    const untouched = await repository.beginUpload();
    expect((await repository.delete(untouched)).status).toBe(204);
    expect((await repository.get(untouched)).status).toBe(404);
  });

  it('DS-224 belongs to its repository and its subject', async () => {
    await registry.createUser('bob');
    await repository.pushBlob('{}');
    await registry.call('grant', 'alice/app', 'bob', 'write');
    const location = await repository.beginUpload();
    const id = location.split('/').at(-1) ?? '';
    const other = repository.client.repository('alice/other');
    await other.beginUpload();
    expect((await other.get(`blobs/uploads/${id}`)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    const bob = new V2Client(registry, 'bob').repository('alice/app');
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      expect((await bob.send(method, location)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    }
    expect((await bob.close(location, digestOf(''))).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect((await repository.get(location)).status).toBe(204);
  });

  it.each(['0', 'not-an-id', '00000000-0000-4000-8000-000000000000'])('answers 404 for the id %s', async (id) => {
    expect((await repository.get(`blobs/uploads/${id}`)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });
});

describe('a whole blob', () => {
  it.each(FLOWS)('DS-036 DS-037 DS-038 DS-042 DS-060 DS-216 is stored by the flow %s', async (flow) => {
    for (const size of [1, 512, 100_000]) {
      const bytes = freshBytes(size);
      const answer = await repository.upload(flow, bytes, digestOf(bytes));
      expect(answer.status).toBe(201);
      expect(answer.header('docker-content-digest')).toBe(digestOf(bytes));
      expect(answer.header('content-length')).toBe('0');
      expect((await repository.get(locationOf(answer))).body.equals(bytes)).toBe(true);
    }
  });

  it.each(FLOWS)('DS-221 is stored under its sha512 digest by the flow %s, without a hint', async (flow) => {
    const bytes = freshBytes(70_000);
    const digest = digestOf(bytes, 'sha512');
    const answer = await repository.upload(flow, bytes, digest);
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digest]);
    expect((await repository.get(locationOf(answer))).body.equals(bytes)).toBe(true);
    expect((await repository.head(`blobs/${digestOf(bytes)}`)).status).toBe(404);
  });

  it.each(FLOWS)('DS-203 DS-039 is refused with 400 by the flow %s if its digest is wrong', async (flow) => {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const [bytes, wrong] = [freshBytes(), digestOf(freshBytes(), algorithm)];
      expect((await repository.upload(flow, bytes, wrong)).refusal).toEqual([400, 'DIGEST_INVALID']);
      expect((await repository.head(`blobs/${wrong}`)).status).toBe(404);
      expect((await repository.head(`blobs/${digestOf(bytes)}`)).status).toBe(404);
    }
  });

  it.each(FLOWS)('is stored by the flow %s though it has no bytes', async (flow) => {
    const answer = await repository.upload(flow, Buffer.alloc(0), digestOf(''));
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digestOf('')]);
  });

  it('ends its session: after a good close and after a wrong digest', async () => {
    const bytes = freshBytes();
    const good = await repository.beginUpload();
    expect((await repository.close(good, digestOf(bytes), bytes)).status).toBe(201);
    expect((await repository.close(good, digestOf(bytes), bytes)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    const wrong = await repository.beginUpload();
    await repository.patch(wrong, bytes);
    expect((await repository.close(wrong, digestOf('other'))).refusal).toEqual([400, 'DIGEST_INVALID']);
    expect((await repository.get(wrong)).status).toBe(404);
  });

  it('needs the digest with the closing PUT', async () => {
    const location = await repository.beginUpload();
    expect((await repository.send('PUT', location, { body: freshBytes() })).refusal).toEqual([
      400,
      'BLOB_UPLOAD_INVALID',
    ]);
  });

  it('is taken again when it is there already', async () => {
    const bytes = freshBytes(70_000);
    for (const flow of FLOWS) expect((await repository.upload(flow, bytes, digestOf(bytes))).status).toBe(201);
  });

  it('DS-175 is hashed with digest-algorithm; one that is not supported is refused', async () => {
    const bytes = freshBytes(70_000);
    const location = await repository.beginUpload('?digest-algorithm=sha512');
    expect(location).toContain('digest-algorithm=sha512');
    const patched = await repository.patch(location, bytes);
    const answer = await repository.close(locationOf(patched), digestOf(bytes, 'sha512'));
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digestOf(bytes, 'sha512')]);
    const refused = await repository.send('POST', 'blobs/uploads/?digest-algorithm=md5');
    expect(refused.refusal).toEqual([400, 'DIGEST_INVALID']);
  });
});
