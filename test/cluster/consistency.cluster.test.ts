import { beforeAll, describe, expect, it } from '@jest/globals';
import { ApiClient } from '../support/apiClient.js';
import { artifact, OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import type { RegistryProcess } from '../support/registry.js';
import { digestOf, expectStatus, freshBytes, locationOf, type Descriptor } from '../support/v2client.js';
import { Latency } from './latency.js';
import { runningCluster } from './running.js';

const running = await runningCluster({ SUPER_USERS: '["admin"]', FEATURE_PROXY_STORAGE: 'true' });

/** Each of them reads eight times what was just written elsewhere. */
const ROUNDS = 40;

(running ? describe : describe.skip)('what one API node acknowledged, the other one', () => {
  if (!running) return;
  let [one, other]: RegistryProcess[] = [];
  /** The nodes, each time the other way around. */
  let turn = 0;
  const turned = (): readonly [RegistryProcess, RegistryProcess] => {
    if (!one || !other) throw new Error('the cluster has not begun');
    return turn++ % 2 === 0 ? [one, other] : [other, one];
  };

  beforeAll(async () => {
    [one, other] = running.nodes;
    await running.cluster.createUser('alice');
    await running.cluster.createUser('admin');
  });

  it('shows at once: manifest, tag, list of tags, referrers and history', async () => {
    const [pushing, reading] = [new Latency('push of a manifest'), new Latency('GET of a manifest')];
    const api = new Map(
      await Promise.all(running.nodes.map(async (node) => [node, await ApiClient.signedIn(node, 'alice')] as const)),
    );
    for (let round = 0; round < ROUNDS; round++) {
      const [here, there] = turned();
      const [writer, reader] = [here, there].map((node) => running.on(node, 'alice').repository('alice/app'));
      if (!writer || !reader) throw new Error('there are two nodes');
      const tag = `v${round}`;
      const document = await ociImage(writer);
      const image = await pushing.of(() => writer.pushManifest(document, OCI_MANIFEST, tag));
      const byTag = await reading.of(() => reader.get(`manifests/${tag}`));
      expect([byTag.status, byTag.header('docker-content-digest')]).toEqual([200, image.digest]);
      expect((await reader.get(`manifests/${image.digest}`)).status).toBe(200);
      const listed = (await reader.get(`tags/list?n=1000`)).json<{ tags: string[] }>().tags;
      expect(listed).toContain(tag);

      const attached = await writer.pushManifest(await artifact(writer, 'a/b', { subject: image }), OCI_MANIFEST);
      const referrers = (await reader.get(`referrers/${image.digest}`)).json<{ manifests: Descriptor[] }>().manifests;
      expect(referrers.map(({ digest }) => digest)).toEqual([attached.digest]);

      // The tag moves, and the history shows both.
      const moved = await pushImage(writer, tag);
      const history = await api.get(there)?.get(`/api/v1/repository/alice/app/tag/?specificTag=${tag}`);
      const tags = history?.json<{ tags: { manifest_digest: string }[] }>().tags ?? [];
      expect(tags.map(({ manifest_digest: digest }) => digest)).toEqual([moved.digest, image.digest]);

      if (round % 3 > 0) continue;
      expectStatus(await writer.delete(`manifests/${round % 2 === 0 ? tag : moved.digest}`), 202);
      expect((await reader.get(`manifests/${tag}`)).status).toBe(404);
      expect((await reader.get(`manifests/${moved.digest}`)).status).toBe(404);
      expect((await reader.get(`tags/list?n=1000`)).json<{ tags: string[] }>().tags).not.toContain(tag);
    }
    pushing.print();
    reading.print();
  });

  it('knows when both are asked to make the same: repositories of a first push, and tags', async () => {
    const digest = digestOf('');
    for (let round = 0; round < 20; round++) {
      const name = `alice/first${round}`;
      const repositories = [...running.nodes, ...running.nodes].map((node) =>
        running.on(node, 'alice').repository(name),
      );
      for (const repository of repositories) await repository.token();
      const pushed = await Promise.all(
        repositories.map((repository) => repository.upload('post', Buffer.of(), digest)),
      );
      expect(pushed.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
      const [first] = repositories;
      if (!first) throw new Error('there are two nodes');
      const image = JSON.stringify(await ociImage(first));
      const shown = await Promise.all(
        repositories.map(async (repository) => {
          expectStatus(await repository.putManifest(image, OCI_MANIFEST, 'latest'), 201);
          return (await repository.get('manifests/latest')).status;
        }),
      );
      expect(shown).toEqual([200, 200, 200, 200]);
    }
  });

  it('goes on with an upload that began elsewhere, chunk by chunk, and ends it', async () => {
    for (let round = 0; round < 6; round++) {
      const nodes = turned().map((node) => running.on(node, 'alice').repository('alice/uploads'));
      const chunks = Array.from({ length: 6 }, (_, index) => freshBytes(100_000 + index));
      const content = Buffer.concat(chunks);
      const [begun] = nodes;
      let location = (await begun?.beginUpload()) ?? '';
      let offset = 0;
      for (const [index, chunk] of chunks.entries()) {
        const repository = nodes[(index + 1) % 2];
        if (!repository) throw new Error('there are two nodes');
        const answer = expectStatus(await repository.patch(location, chunk, offset), 202);
        offset += chunk.byteLength;
        expect(answer.header('range')).toBe(`0-${offset - 1}`);
        location = locationOf(answer);
        const status = expectStatus(await (nodes[index % 2] ?? repository).get(location), 204);
        expect(status.header('range')).toBe(`0-${offset - 1}`);
      }
      const digest = digestOf(content);
      const [last, reader] = nodes;
      if (!last || !reader) throw new Error('there are two nodes');
      expectStatus(await reader.close(location, digest), 201);
      for (const repository of nodes) {
        const pulled = expectStatus(await repository.get(`blobs/${digest}`), 200);
        expect(pulled.body.equals(content)).toBe(true);
      }
    }
  });

  it('refuses at once: a token that a person, an owner or a superuser made void', async () => {
    const settled = new Latency('revocation');
    for (let round = 0; round < 6; round++) {
      const [here, there] = turned();
      const name = `user${round}`;
      await running.cluster.createUser(name);
      const alice = await ApiClient.signedIn(here, 'alice');
      const admin = await ApiClient.signedIn(here, 'admin');
      const own = await ApiClient.signedIn(here, name);
      const grant = `/api/v1/repository/alice/app/permissions/user/${name}`;
      const user = running.on(there, name).repository('alice/app');
      /** What the token that was issued by the other node is good for now. */
      const pulls = async (): Promise<number> => (await user.get(`tags/list`)).status;

      expect((await alice.put(grant, { role: 'read' })).status).toBe(200);
      expect(await pulls()).toBe(200);
      expect((await settled.of(() => alice.delete(grant))).status).toBe(204);
      expect(await pulls()).toBe(401);
      expect((await alice.put(grant, { role: 'write' })).status).toBe(200);
      expect(await pulls()).toBe(200);

      const account = `/api/v1/superuser/users/${name}`;
      expect((await settled.of(() => admin.put(account, { enabled: false }))).status).toBe(200);
      expect([await pulls(), (await user.client.requestToken([])).status]).toEqual([401, 401]);
      expect((await admin.put(account, { enabled: true })).status).toBe(200);
      expect(await pulls()).toBe(200);

      expect((await own.put('/api/v1/user/', { password: 'another-password' })).status).toBe(200);
      expect(await pulls()).toBe(401);
      expect((await running.on(there, name, 'another-password').requestToken([])).status).toBe(200);
      expect((await user.client.requestToken([])).status).toBe(401);

      const robots = `/api/v1/user/robots/ci${round}`;
      const { token } = (await alice.put(robots, {})).json<{ token: string }>();
      const robotName = `alice+ci${round}`;
      await alice.put(`/api/v1/repository/alice/app/permissions/user/${robotName}`, { role: 'read' });
      const robot = running.on(there, robotName, token).repository('alice/app');
      expect((await robot.get('tags/list')).status).toBe(200);
      const { token: next } = (await alice.send('POST', `${robots}/regenerate`)).json<{ token: string }>();
      expect([(await robot.get('tags/list')).status, (await robot.client.requestToken([])).status]).toEqual([401, 401]);
      const again = running.on(there, robotName, next).repository('alice/app');
      expect((await again.get('tags/list')).status).toBe(200);
      expect((await alice.delete(robots)).status).toBe(204);
      expect((await again.get('tags/list')).status).toBe(401);
    }
    settled.print();
  });

  it('has signed out: a session ends on all nodes', async () => {
    const [here, there] = turned();
    const session = await ApiClient.signedIn(here, 'alice');
    const elsewhere = session.at(there);
    expect((await elsewhere.get('/api/v1/user/')).status).toBe(200);
    expect((await session.post('/api/v1/signout')).status).toBe(200);
    expect((await elsewhere.get('/api/v1/user/')).status).toBe(401);
  });
});
