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
    // By digest, too, where the tag that led there was moved away or deleted.
    for (const { digest } of [before, gone]) {
      expect((await repository.get(`manifests/${digest}`)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
      expect((await past.get(`manifests/${digest}`)).status).toBe(200);
    }
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

  it('DS-228 has no blob that came later and no manifest that was deleted before', async () => {
    const known = { mediaType: 'a/b', digest: await repository.pushBlob('known'), size: 5 };
    const dropped = await pushImage(repository, 'dropped');
    const kept = await pushImage(repository, 'kept', { layers: [known] });
    await advance(1);
    const before = new Date(now());
    await advance(1);
    expectStatus(await repository.delete(`manifests/${dropped.digest}`), 202);
    expectStatus(await repository.delete(`manifests/${kept.digest}`), 202);
    await advance(1);
    const between = new Date(now());
    await advance(1);
    const held = await repository.pushBlob('held');
    const added = { mediaType: 'a/b', digest: await repository.pushBlob('added'), size: 5 };
    await pushImage(repository, 'later', { layers: [added, known] });
    await pushImage(repository, 'kept', { layers: [known] });
    await advance(1);
    const after = new Date(now());
    await advance(6);

    const statuses = async (moment: Date, paths: readonly string[]): Promise<number[]> => {
      const past = alice.repository(asOf(moment, 'alice/app'));
      return Promise.all(paths.map(async (path) => (await past.get(path)).status));
    };
    const manifests = [`manifests/${dropped.digest}`, `manifests/${kept.digest}`];
    expect(await statuses(before, [...manifests, 'manifests/dropped'])).toEqual([200, 200, 200]);
    expect(await statuses(between, [...manifests, 'manifests/dropped'])).toEqual([404, 404, 404]);
    const blobs = [known.digest, held, added.digest].map((digest) => `blobs/${digest}`);
    expect(await statuses(before, blobs)).toEqual([200, 404, 404]);
    expect(await statuses(between, blobs)).toEqual([404, 404, 404]);
    expect(await statuses(after, blobs)).toEqual([200, 404, 200]);
    const empty = 'sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4';
    expect(await statuses(between, [`blobs/${empty}`])).toEqual([200]);
  });

  it('DS-228 lists the referrers of a moment, within the window and no other', async () => {
    const subject = await pushImage(repository, 'subject');
    const early = await pushImage(repository, undefined, { subject });
    await advance(1);
    const moment = new Date(now());
    await advance(1);
    await pushImage(repository, undefined, { subject });
    await advance(6);
    const at = (when: Date) => alice.repository(asOf(when, 'alice/app')).get(`referrers/${subject.digest}`);
    const listed = expectStatus(await at(moment), 200).json<{ manifests: { digest: string }[] }>().manifests;
    expect(listed.map(({ digest }) => digest)).toEqual([early.digest]);
    for (const outside of [new Date(now()), new Date('2020-01-01')]) {
      expect((await at(outside)).refusal).toEqual([404, 'MANIFEST_UNKNOWN']);
    }
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
