import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { pushImage } from '../support/images.js';
import { closeConnections, digestOf, freshBytes, locationOf, V2Client, type Repository } from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;
let source: Repository;
let target: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  await registry.createUser('bob');
  alice = new V2Client(registry, 'alice');
  source = alice.repository('alice/source');
  target = alice.repository('alice/target');
  await pushImage(source, 'v1');
  await pushImage(target, 'v1');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

const mount = (digest: string, from?: string): string =>
  `blobs/uploads/?mount=${digest}${from === undefined ? '' : `&from=${from}`}`;
const BOTH = ['repository:alice/target:pull,push', 'repository:alice/source:pull'] as const;

describe('a mount with from', () => {
  it('DS-069 DS-070 DS-223 asks for both scopes, and is done with a token that has them', async () => {
    const bytes = freshBytes();
    const digest = await source.pushBlob(bytes);
    const refused = await target.send('POST', mount(digest, 'alice/source'));
    expect(refused.refusal).toEqual([401, 'UNAUTHORIZED']);
    expect(refused.header('www-authenticate')).toBe(
      `Bearer realm="http://${registry.host}/v2/auth",service="${registry.host}",` +
        `scope="repository:alice/target:pull,push repository:alice/source:pull"`,
    );
    const token = await alice.token(BOTH.join(' '));
    const answer = await target.send('POST', mount(digest, 'alice/source'), { token });
    expect([answer.status, answer.header('docker-content-digest')]).toEqual([201, digest]);
    expect(locationOf(answer)).toBe(`/v2/alice/target/blobs/${digest}`);
    expect((await target.get(locationOf(answer))).body.equals(bytes)).toBe(true);
  });

  it('is done for sha512, and from the repository itself', async () => {
    const digest = await source.pushBlob(freshBytes(), 'sha512');
    const token = await alice.token(...BOTH);
    expect((await target.send('POST', mount(digest, 'alice/source'), { token })).status).toBe(201);
    expect((await target.send('POST', mount(digest, 'alice/target'))).status).toBe(201);
  });

  it('DS-073 DS-206 becomes an upload when the source lacks the blob, and takes it', async () => {
    const bytes = freshBytes();
    for (const from of ['alice/source', 'alice/none', 'bob/none', 'Not A Name', 'at-20200101t000000z/alice/source']) {
      const answer = await target.send('POST', mount(digestOf(bytes), encodeURIComponent(from)));
      expect(answer.status).toBe(202);
      expect((await target.close(locationOf(answer), digestOf(bytes), bytes)).status).toBe(201);
    }
  });

  it('DS-073 becomes an upload when the caller may not read the source', async () => {
    const digest = await source.pushBlob(freshBytes());
    const bob = new V2Client(registry, 'bob');
    const own = bob.repository('bob/own');
    const token = await bob.token('repository:bob/own:pull,push', 'repository:alice/source:pull');
    expect((await own.send('POST', mount(digest, 'alice/source'), { token })).status).toBe(202);
    expect((await own.head(`blobs/${digest}`)).status).toBe(404);
    await registry.call('grant', 'alice/source', 'bob', 'read');
    expect((await own.send('POST', mount(digest, 'alice/source'), { token })).status).toBe(401);
    await registry.call('revoke', 'alice/source', 'bob');
  });

  it('needs no pull grant on a public source', async () => {
    const open = alice.repository('alice/open');
    const digest = await open.pushBlob(freshBytes());
    await pushImage(open, 'v1');
    await registry.call('setVisibility', 'alice/open', 'public');
    const own = new V2Client(registry, 'bob').repository('bob/own');
    expect((await own.send('POST', mount(digest, 'alice/open'))).status).toBe(201);
    expect((await own.get(`blobs/${digest}`)).status).toBe(200);
  });
});

describe('a mount without from', () => {
  it('DS-072 is done from what the token may pull', async () => {
    const digest = await source.pushBlob(freshBytes());
    const token = await alice.token(...BOTH);
    expect((await target.send('POST', mount(digest), { token })).status).toBe(201);
  });

  it('DS-072 is done from the target itself and from a public repository', async () => {
    const own = await target.pushBlob(freshBytes());
    expect((await target.send('POST', mount(own))).status).toBe(201);
    const open = alice.repository('alice/open');
    const layer = await open.pushBlob(freshBytes());
    await open.pushManifest(
      {
        ...{ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
        config: { mediaType: 'application/vnd.example', digest: layer, size: 512 },
        layers: [],
      },
      'application/vnd.oci.image.manifest.v1+json',
      'layered',
    );
    await registry.call('setVisibility', 'alice/open', 'public');
    expect((await target.send('POST', mount(layer))).status).toBe(201);
  });

  it('DS-073 becomes an upload when the blob is nowhere that the token may pull', async () => {
    const digest = await source.pushBlob(freshBytes());
    expect((await target.send('POST', mount(digest))).status).toBe(202);
    const answer = await target.send('POST', mount(digestOf('nowhere')));
    expect([answer.status, answer.header('range')]).toEqual([202, '0-0']);
    expect((await target.close(locationOf(answer), digestOf('nowhere'), Buffer.from('nowhere'))).status).toBe(201);
  });
});
