import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request, type ClientRequest } from 'node:http';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_CONFIG, OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, V2Client } from '../support/v2client.js';

const LIMIT = 5;
let registry: ControlledRegistry;
let owner: V2Client;
let users = 0;

beforeAll(async () => {
  registry = await ControlledRegistry.start({ UPLOADS_IN_FLIGHT_LIMIT: String(LIMIT) });
  await registry.createUser('owner');
  owner = new V2Client(registry, 'owner');
  await pushImage(owner.repository('owner/app'), 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** Somebody new with write permission. */
async function writer(): Promise<{ readonly name: string; readonly client: V2Client }> {
  const name = `writer${++users}`;
  await registry.createUser(name);
  await registry.call('grant', 'owner/app', name, 'write');
  return { name, client: new V2Client(registry, name) };
}

/** A request whose body the test sends when it likes. */
async function slowly(
  client: V2Client,
  method: string,
  path: string,
  headers: Record<string, string>,
): Promise<{ readonly outgoing: ClientRequest; readonly status: Promise<number> }> {
  const token = await client.repository('owner/app').token();
  const { hostname, port } = new URL(registry.url);
  const outgoing = request({
    ...{ method, path, hostname, port },
    headers: { Authorization: `Bearer ${token ?? ''}`, ...headers },
  });
  const status = new Promise<number>((resolve, reject) => {
    outgoing.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.once('error', reject);
  });
  return { outgoing, status };
}

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

describe('what a client sends to do harm', () => {
  it.each(['%0a', '%22', 'ä/ö', 'a/b"c', ''])(
    'cannot come into a header as the source of a mount: %s',
    async (from) => {
      const digest = digestOf('nothing');
      const path = `/v2/owner/app/blobs/uploads/?mount=${digest}&from=${from}`;
      const anonymous = await new V2Client(registry).send('POST', path);
      expect(anonymous.status).toBe(401);
      expect(anonymous.header('www-authenticate')).toMatch(/scope="repository:owner\/app:pull,push"$/);
      expect((await owner.repository('owner/app').send('POST', path)).status).toBe(202);
    },
  );

  it('cannot be longer than it states', async () => {
    const repository = owner.repository('owner/app');
    const location = await repository.beginUpload();
    const body = Array.from({ length: 50 }, () => freshBytes(64 * 1024));
    for (const method of ['PATCH', 'PUT']) {
      const path = method === 'PUT' ? `${location}?digest=${digestOf('x')}` : location;
      const headers = { 'Content-Range': '0-0', 'Transfer-Encoding': 'chunked' };
      const answer = await repository.send(method, path, { headers, body });
      expect([answer.status, answer.errors[0]?.code]).toEqual([400, 'SIZE_INVALID']);
    }
    expect((await repository.get(location)).header('range')).toBe('0-0');
  });

  it('cannot make a manifest out of descriptors that lie about sizes', async () => {
    const repository = owner.repository('owner/app');
    const large = freshBytes(1024 * 1024);
    const config = { mediaType: OCI_CONFIG, digest: await repository.pushBlob(large), size: 10 };
    const document = JSON.stringify(await ociImage(repository, { config }));
    const answer = await repository.putManifest(document, OCI_MANIFEST);
    expect([answer.status, answer.errors[0]?.code]).toEqual([400, 'MANIFEST_INVALID']);
  });

  it('does not count when the right to send it was taken away on the way', async () => {
    const { name, client } = await writer();
    const repository = client.repository('owner/app');
    const manifest = Buffer.from(JSON.stringify(await ociImage(repository)));
    const blob = freshBytes(1000);
    const begun = [
      await slowly(client, 'PUT', '/v2/owner/app/manifests/late', { 'Content-Type': OCI_MANIFEST }),
      await slowly(client, 'PUT', `${await repository.beginUpload()}?digest=${digestOf(blob)}`, {}),
      await slowly(client, 'POST', `/v2/owner/app/blobs/uploads/?digest=${digestOf(blob)}`, {}),
    ];
    begun.forEach(({ outgoing }, index) => outgoing.write((index === 0 ? manifest : blob).subarray(0, 10)));
    await aMoment();
    await registry.call('revoke', 'owner/app', name);
    begun.forEach(({ outgoing }, index) => outgoing.end((index === 0 ? manifest : blob).subarray(10)));
    expect(await Promise.all(begun.map(({ status }) => status))).toEqual([401, 401, 401]);
    const seen = owner.repository('owner/app');
    expect((await seen.get('manifests/late')).status).toBe(404);
    expect((await seen.get(`blobs/${digestOf(blob)}`)).status).toBe(404);
  });

  it('cannot leave more unfinished uploads than are allowed, however they were begun', async () => {
    const { client } = await writer();
    const repository = client.repository('owner/app');
    const locations: string[] = [];
    for (let upload = 0; upload < 2 * LIMIT; upload++) locations.push(await repository.beginUpload());
    const answers = await Promise.all(locations.map((location) => repository.patch(location, freshBytes())));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array<number>(LIMIT).fill(202), ...Array<number>(LIMIT).fill(429)]);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.header('retry-after')).toBeDefined();
  });

  it('makes no repository by asking for an upload that nobody began', async () => {
    const repository = owner.repository('owner/never');
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const answer = await repository.send(method, `blobs/uploads/nonsense?digest=${digestOf('')}`);
      expect([answer.status, answer.errors[0]?.code]).toEqual([404, 'NAME_UNKNOWN']);
    }
    expect((await repository.get('tags/list')).status).toBe(404);
  });
});
