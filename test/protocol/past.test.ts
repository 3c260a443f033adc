import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ControlledRegistry } from '../support/controlledRegistry.js';
import { OCI_MANIFEST, ociImage, pushImage } from '../support/images.js';
import {
  closeConnections,
  digestOf,
  expectStatus,
  freshBytes,
  V2Client,
  type Repository,
} from '../support/v2client.js';

let registry: ControlledRegistry;
let alice: V2Client;
let repository: Repository;

beforeAll(async () => {
  registry = await ControlledRegistry.start();
  await registry.createUser('alice');
  await registry.createUser('bob');
  alice = new V2Client(registry, 'alice');
  repository = alice.repository('alice/app');
});
afterAll(async () => {
  closeConnections();
  await registry.stop();
});

/** `at-<date>t<time>z/<name>` */
const asOf = (moment: Date, name: string): string =>
  `at-${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').toLowerCase()}z/${name}`;
/** How far the registry's clock was set forward, in seconds. */
let ahead = 0;
async function advance(seconds: number): Promise<void> {
  await registry.call('advance', seconds);
  ahead += seconds;
}
const now = (): number => Date.now() + ahead * 1000;

describe('a repository as of a moment', () => {
  it('DS-228 is what it was: tags moved, deleted and made since, blobs included', async () => {
    const layer = freshBytes();
    const layers = [{ mediaType: 'a/b', digest: await repository.pushBlob(layer), size: layer.byteLength }];
    const before = await pushImage(repository, 'latest', { layers });
    const gone = await pushImage(repository, 'gone');
    await registry.call('grant', 'alice/app', 'bob', 'read');
    await advance(1);
    const moment = new Date(now());
    await advance(1);
    const after = await pushImage(repository, 'latest');
    expectStatus(await repository.delete('manifests/gone'), 202);
    await pushImage(repository, 'new');
    await advance(6);

    const past = alice.repository(asOf(moment, 'alice/app'));
    expect((await repository.get('manifests/latest')).header('docker-content-digest')).toBe(after.digest);
    const latest = expectStatus(await past.get('manifests/latest'), 200);
    expect(latest.header('docker-content-digest')).toBe(before.digest);
    expect((await past.head('manifests/latest')).status).toBe(200);
    expect((await past.get(`blobs/${layers[0]?.digest ?? ''}`)).body.equals(layer)).toBe(true);
    expect((await past.get('manifests/gone')).header('docker-content-digest')).toBe(gone.digest);
    expect((await past.get('manifests/new')).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect((await past.get('tags/list')).json()).toEqual({ name: past.name, tags: ['gone', 'latest'] });

    // What no live tag reaches today needs write permission.
    const reader = new V2Client(registry, 'bob').repository(past.name);
    expect((await reader.get('manifests/latest')).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    await registry.call('grant', 'alice/app', 'bob', 'write');
    expect((await reader.get('manifests/latest')).status).toBe(200);
    await registry.call('revoke', 'alice/app', 'bob');
    expect((await reader.get('manifests/latest')).refusal).toEqual([401, 'UNAUTHORIZED']);
  });

  it('DS-228 refuses every write before it asks who writes', async () => {
    const past = asOf(new Date(now() - 60_000), 'alice/app');
    for (const client of [alice, new V2Client(registry)]) {
      const there = client.repository(past);
      expect((await there.send('POST', 'blobs/uploads/')).refusal).toEqual([405, 'UNSUPPORTED']);
      expect((await there.putManifest('{}', OCI_MANIFEST, 'v1')).refusal).toEqual([405, 'UNSUPPORTED']);
      expect((await there.delete('manifests/latest')).refusal).toEqual([405, 'UNSUPPORTED']);
      expect((await there.delete(`blobs/${digestOf('x')}`)).refusal).toEqual([405, 'UNSUPPORTED']);
    }
    const grant = await alice.requestToken([`repository:${past}:pull,push,*`]);
    const claims = Buffer.from(grant.json<{ token: string }>().token.split('.')[1] ?? '', 'base64url').toString();
    expect(claims).toContain(`"name":"${past}","actions":["pull"]`);
  });

  it('DS-228 is not shown for moments that are too near, too long ago, or none', async () => {
    await pushImage(repository, 'now');
    const at = async (moment: Date) => (await alice.repository(asOf(moment, 'alice/app')).get('manifests/now')).refusal;
    expect(await at(new Date(now()))).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(await at(new Date(now() + 60_000))).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect(await at(new Date('2020-01-01'))).toEqual([404, 'MANIFEST_UNKNOWN']);
    const token = await alice.token();
    const wrong = await alice.send('GET', '/v2/at-20261399t000000z/alice/app/manifests/now', { token });
    expect(wrong.refusal).toEqual([400, 'NAME_INVALID']);
  });

  it('DS-228 has a namespace that nobody can have', async () => {
    await expect(registry.createUser('at-20260618t185913z')).rejects.toThrow();
    const image = JSON.stringify(await ociImage(repository));
    const answer = await alice.repository('at-20260618t185913z/app').putManifest(image, OCI_MANIFEST, 'v1');
    expect(answer.refusal).toEqual([405, 'UNSUPPORTED']);
  });
});

describe('quay.expires-after', () => {
  it('ends a tag after its time, in every read; the digest goes with it, a re-push brings it back', async () => {
    const image = JSON.stringify(await ociImage(repository, { annotations: { 'quay.expires-after': '2s' } }));
    for (const round of [1, 2]) {
      expectStatus(await repository.putManifest(image, OCI_MANIFEST, 'short'), 201);
      expect([round, (await repository.get('manifests/short')).status]).toEqual([round, 200]);
      expect((await repository.get('tags/list')).json<{ tags: string[] }>().tags).toContain('short');
      await advance(3);
      expect((await repository.get('manifests/short')).errors[0]).toMatchObject({
        code: 'MANIFEST_UNKNOWN',
        message: 'Tag short was deleted or has expired. To pull, revive via time machine',
      });
      expect((await repository.head('manifests/short')).status).toBe(404);
      expect((await repository.get(`manifests/${digestOf(image)}`)).status).toBe(404);
      expect((await repository.get('tags/list')).json<{ tags: string[] }>().tags).not.toContain('short');
    }
  });

  it('counts from the label of the config too, and is ignored when it says nothing', async () => {
    const config = JSON.stringify({ config: { Labels: { 'quay.expires-after': '1s' } } });
    const descriptor = {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: await repository.pushBlob(config),
      size: config.length,
    };
    await pushImage(repository, 'labelled', { config: descriptor });
    for (const value of ['0', '-1h', 'soon', '1.5h']) {
      await pushImage(repository, `ignored${value}`, { annotations: { 'quay.expires-after': value } });
    }
    await advance(2);
    expect((await repository.get('manifests/labelled')).status).toBe(404);
    for (const value of ['0', '-1h', 'soon', '1.5h']) {
      expect((await repository.get(`manifests/ignored${value}`)).status).toBe(200);
    }
  });
});

describe('what no manifest names', () => {
  it('DS-068 ends with its time: a session, a blob, a manifest without a tag', async () => {
    const [session, untouched] = [await repository.beginUpload(), await repository.beginUpload()];
    await repository.patch(session, freshBytes());
    const blob = await repository.pushBlob(freshBytes());
    const untagged = await pushImage(repository);
    const subject = await pushImage(repository);
    const referrer = await pushImage(repository, undefined, { subject });
    await advance(3500);
    const fresh = new V2Client(registry, 'alice').repository('alice/app');
    expect((await fresh.get(`blobs/${blob}`)).status).toBe(200);
    expect((await fresh.get(`manifests/${untagged.digest}`)).status).toBe(200);
    await advance(101);
    expect((await fresh.get(`blobs/${blob}`)).refusal).toEqual([404, 'BLOB_UNKNOWN']);
    expect((await fresh.get(`manifests/${untagged.digest}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    expect((await fresh.get(`manifests/${referrer.digest}`)).status).toBe(200);
    expect((await fresh.get(session)).status).toBe(204);
    await advance(2880 * 60);
    const later = new V2Client(registry, 'alice').repository('alice/app');
    expect((await later.get(session)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
    expect((await later.get(untouched)).refusal).toEqual([404, 'BLOB_UPLOAD_UNKNOWN']);
  });
});
