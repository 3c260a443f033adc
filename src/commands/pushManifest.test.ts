import { hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { blobs, manifestNamed } from '../../test/model/universe.js';
import { RegistryProcess } from '../../test/support/registryProcess.js';
import { rethrown, context, World } from '../../test/support/world.js';
import { ManifestBlobUnknown, RepositoryUnknown } from '../domain/repository/errors.js';
import { isVisible, liveTag } from '../domain/repository/state.js';
import type { ManifestRecord } from '../domain/repository/events.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import { parseRepositoryName } from '../domain/shared/repositoryPath.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Contents, type ContentRecord } from './contents.js';
import { PushManifestHandler } from './pushManifest.js';

const [plain, expiring, pair] = [manifestNamed('plain'), manifestNamed('expiring'), manifestNamed('pair')];

describe('pushing a manifest', () => {
  let world: World;
  let one: RegistryProcess;
  let other: RegistryProcess;
  let here: RepositoryId;
  let elsewhere: RepositoryId;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    [one, other] = [new RegistryProcess(world), new RegistryProcess(world)];
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    [here, elsewhere] = [await created(`here${++tests}`), await created(`elsewhere${tests}`)];
  });

  const created = (name: string): Promise<RepositoryId> => {
    const settings = { visibility: 'private', description: '', creator: null } as const;
    const command = { namespaceId: 'org' as NamespaceId, name: parseRepositoryName(name), ...settings };
    return one.repositories.create(command, context());
  };
  const setState = async (digest: Digest, state: ContentRecord['state']): Promise<void> => {
    const record = await world.stores.operational.get<ContentRecord>('contents', digest);
    if (!record) throw new Error(`${digest} has no record`);
    const value = { ...record.value, state };
    await world.stores.operational.write([{ kind: 'put', collection: 'contents', key: digest, value }]);
  };

  it('stores its bytes, then names it and its tag', async () => {
    await one.upload(plain, here);
    await one.pushed(plain, { to: here, tags: ['latest'] });
    const repository = await one.repository(here);
    expect(liveTag(repository, 'latest', world.clock.now())?.digest).toBe(plain.digest);
    const content = await one.contents.locate(plain.digest);
    if (!content) throw new Error('its bytes are not there');
    expect(Buffer.from(await world.stores.blobs.read(content))).toEqual(plain.bytes);
  });

  it('is one commit, bytes and events together', async () => {
    await one.upload(plain, here);
    await one.repository(here);
    let groups = 0;
    world.stores.log.writer.afterGroup(() => groups++);
    await one.pushed(plain, { to: here, tags: ['latest'] });
    expect(groups).toBe(1);
  });

  it.each([true, false])('names nothing whose bytes could not be stored (one writer: %s)', async (oneWriter) => {
    await one.upload(plain, here);
    const { blobs: bytes, operational } = world.stores;
    const { clock, ids } = world;
    const broken: OperationalStore = {
      get: (...call) => operational.get(...call),
      getMany: (...call) => operational.getMany(...call),
      list: (...call) => operational.list(...call),
      due: (...call) => operational.due(...call),
      write: () => Promise.reject(new StoreUnavailable('the disk is full')),
    };
    const contents = new Contents({
      ...{ blobs: bytes, operational: broken, clock, ids, oneWriter },
      notRemoved: rethrown,
      holdSeconds: 3_600,
    });
    const handler = new PushManifestHandler({
      ...{ streams: one.streams, contents, sparse: false, holdSeconds: 3_600 },
      isNamed: () => Promise.resolve(false),
    });
    const fresh = Buffer.from(JSON.stringify({ nonce: `${tests} ${String(oneWriter)}` }));
    const digest = digestOf('sha256', hash('sha256', fresh));
    const command = {
      repositoryId: here,
      bytes: fresh,
      digest,
      manifest: plain.record,
      tags: ['new'],
      byDigest: false,
    };
    await expect(handler.handle(command, context())).rejects.toThrow(StoreUnavailable);
    expect((await other.repository(here)).manifests.has(digest)).toBe(false);
  });

  describe('with a config that adds labels', () => {
    const label = { key: 'stage', value: 'test', mediaType: 'text/plain' } as const;
    let read: string[];
    const pushed = (named: boolean): Promise<unknown> => {
      const handler = new PushManifestHandler({
        ...{ streams: one.streams, contents: one.contents, sparse: false, holdSeconds: 3_600 },
        isNamed: () => Promise.resolve(named),
      });
      const by = (config: Uint8Array): ManifestRecord => {
        read.push(Buffer.from(config).toString());
        return { ...plain.record, labels: [label] };
      };
      const { digest, bytes, record: manifest } = plain;
      const labelled = { config: blobs.config.digest, by };
      const command = { repositoryId: here, bytes, digest, manifest, labelled, tags: ['latest'], byDigest: false };
      return handler.handle(command, context());
    };
    const labels = async () => (await one.repository(here)).manifests.get(plain.digest)?.record.labels;
    beforeEach(() => {
      read = [];
    });

    it('has them, if the config was uploaded here', async () => {
      await one.upload(plain, here);
      await pushed(false);
      expect(await labels()).toEqual([label]);
      expect(read).toEqual([Buffer.from(blobs.config.bytes).toString()]);
    });

    it('has it read, if a visible manifest names the config', async () => {
      await one.upload(plain, here);
      await one.pushed(plain, { to: here, tags: ['other'] });
      world.clock.pass(3_600);
      await pushed(true);
      expect(read.length).toBe(1);
    });

    it('is refused when the config turns out not to be there', async () => {
      await one.upload(plain, here);
      const content = await one.contents.locate(blobs.config.digest);
      if (!content) throw new Error('the config is not there');
      await world.stores.blobs.delete(content);
      await expect(pushed(false)).rejects.toMatchObject({ missing: [blobs.config.digest] });
      await one.upload(plain, here);
      await pushed(false);
      expect(await labels()).toEqual([label]);
    });

    it('does not have it read where the repository may not', async () => {
      await one.upload(plain, elsewhere);
      await expect(pushed(false)).rejects.toThrow(ManifestBlobUnknown);
      expect(read).toEqual([]);
    });
  });

  it('is refused for blobs that were uploaded elsewhere only', async () => {
    await one.upload(plain, elsewhere);
    const pushing = one.pushed(plain, { to: here, tags: ['latest'] });
    await expect(pushing).rejects.toThrow(ManifestBlobUnknown);
    await expect(pushing).rejects.toMatchObject({ missing: [blobs.shared.digest, blobs.config.digest] });
  });

  it('is refused for blobs whose right has run out, and possible again after another upload', async () => {
    await one.upload(plain, here);
    world.clock.pass(3_600);
    await expect(one.pushed(plain, { to: here, tags: ['latest'] })).rejects.toThrow(ManifestBlobUnknown);
    await one.upload(plain, here);
    await one.pushed(plain, { to: here, tags: ['latest'] });
  });

  it('needs no upload of what a visible manifest of the repository names', async () => {
    await one.upload(plain, here);
    await one.pushed(plain, { to: here, tags: ['latest'] });
    world.clock.pass(7_200);
    await one.pushed(expiring, { to: here, tags: ['other'] });
    expect(isVisible(await one.repository(here), expiring.digest, world.clock.now())).toBe(true);
  });

  it('takes blobs back from a collector that had condemned them', async () => {
    await one.upload(plain, here);
    await setState(blobs.shared.digest, 'condemned');
    await one.pushed(plain, { to: here, tags: ['latest'] });
    expect((await world.stores.operational.get<ContentRecord>('contents', blobs.shared.digest))?.value.state).toBe(
      'live',
    );
  });

  it('is refused for blobs that a collector has deleted, though the repository holds them', async () => {
    await one.upload(plain, here);
    await setState(blobs.config.digest, 'gone');
    const pushing = one.pushed(plain, { to: here, tags: ['latest'] });
    await expect(pushing).rejects.toMatchObject({ missing: [blobs.config.digest] });
    await one.upload(plain, here);
    await one.pushed(plain, { to: here, tags: ['latest'] });
  });

  it('brings an index after its children', async () => {
    await one.upload(plain, here);
    await expect(one.pushed(pair, { to: here, tags: ['multi'] })).rejects.toThrow(ManifestBlobUnknown);
    await one.pushed(plain, { to: here });
    await one.pushed(expiring, { to: here });
    await one.pushed(pair, { to: here, tags: ['multi'] });
    world.clock.pass(7_200);
    expect(isVisible(await one.repository(here), plain.digest, world.clock.now())).toBe(true);
  });

  it('is refused in a repository that is not there', async () => {
    await expect(one.pushed(pair, { to: 'nowhere' as RepositoryId })).rejects.toThrow(RepositoryUnknown);
  });

  it('succeeds for all who push at the same time in two processes', async () => {
    await one.upload(plain, here);
    const tags = Array.from({ length: 20 }, (_, number) => `v${number}`);
    await Promise.all(
      tags.map((tag, number) => (number % 2 === 0 ? one : other).pushed(plain, { to: here, tags: [tag] })),
    );
    const repository = await other.repository(here);
    expect(tags.filter((tag) => !liveTag(repository, tag, world.clock.now()))).toEqual([]);
  });
});
