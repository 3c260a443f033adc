import { hash, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { overridingBlobs } from '../../test/support/overridingBlobs.js';
import { rethrown, World } from '../../test/support/world.js';
import { FileSystemBlobStore } from '../adapters/blobs/filesystem.js';
import { FolderObjects } from '../adapters/blobs/objects/folder/folderObjects.js';
import { ObjectBlobStore } from '../adapters/blobs/objects/objectBlobStore.js';
import { chunksOf, everyOf, freshUpload } from '../adapters/blobs/sampleContents.js';
import { digestOf } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import { CONTENTS, type ContentRecord, type Stored } from './contentRecords.js';
import { Contents } from './contents.js';
import type { ContentDamage } from './damagedContents.js';
import { MarkedPlace } from './markedPlace.js';

const TEXT = `${randomUUID()} `.repeat(3_000);
const DIGEST = digestOf('sha256', hash('sha256', TEXT));

describe.each<readonly [string, (root: string) => BlobStore]>([
  ['of one process', (root) => new FileSystemBlobStore(root)],
  ['of several processes', (root) => new ObjectBlobStore(new FolderObjects(root), '')],
])('the marked place of the blobs %s', (_whose, open) => {
  let world: World;
  let found: ContentDamage[];
  let blobs: BlobStore;
  /** The folder on which nothing is mounted. */
  let bare: BlobStore;

  beforeEach(async () => {
    world = await World.open();
    found = [];
    [blobs, bare] = ['mounted', 'bare'].map((name) => open(join(world.folder, name))) as [BlobStore, BlobStore];
  });
  afterEach(() => world.close());

  const place = (store: BlobStore): MarkedPlace =>
    new MarkedPlace({ blobs: store, operational: world.stores.operational });
  const contentsOf = (store: BlobStore): Contents =>
    new Contents({
      ...{ blobs: store, operational: world.stores.operational, clock: world.clock, ids: { next: () => randomUUID() } },
      ...{ holdSeconds: 3_600, oneWriter: false, notRemoved: rethrown, foundDamaged: (damage) => found.push(damage) },
    });
  const upload = async (store: BlobStore): Promise<void> => {
    const [id, step] = [freshUpload(), randomUUID()];
    await store.append(id, 0, chunksOf(Buffer.from(TEXT)), undefined, { from: null, to: step });
    await contentsOf(store).storeUpload(DIGEST, { id, offset: TEXT.length, step }, []);
  };
  const stored = async (): Promise<Stored> => {
    await upload(blobs);
    const content = await contentsOf(blobs).locate(DIGEST);
    if (!content) throw new Error('it was not stored');
    return content;
  };
  const record = () => world.stores.operational.get<ContentRecord>(CONTENTS, DIGEST);

  describe('at a start', () => {
    it('is marked once, also by several processes that start at the same time', async () => {
      await Promise.all(['a', 'b', 'c'].map((fresh) => place(blobs).claim(fresh)));
      const marker = await blobs.marker();
      expect(['a', 'b', 'c']).toContain(marker);
      await stored();
      await place(blobs).claim('d');
      expect(await blobs.marker()).toBe(marker);
    });

    it('is refused when another one is there though contents were stored', async () => {
      await place(blobs).claim('ours');
      await stored();
      await expect(place(bare).claim('fresh')).rejects.toThrow(
        'the place of the blobs lacks its marker though contents were stored there: is it mounted? ' +
          'If they are lost for good, store there, as marker/id, the text ours',
      );
      expect(await bare.marker()).toBeUndefined();
      await bare.mark('theirs');
      await expect(place(bare).claim('fresh')).rejects.toThrow('it is marked theirs, and should be ours');
      // What the message says helps, and a line's end does no harm.
      await bare.mark('ours\n');
      await expect(place(bare).claim('fresh')).resolves.toBeUndefined();
    });

    it('may be another one as long as nothing was stored', async () => {
      await place(blobs).claim('first');
      await place(bare).claim('second');
      expect(await bare.marker()).toBe('first');
      await place(bare).assertThere();
    });

    it('is marked though it has contents, when it is from before there were markers', async () => {
      const content = await stored();
      await place(blobs).claim('ours');
      expect(await blobs.marker()).toBe('ours');
      await expect(contentsOf(bare).read(content)).rejects.toThrow(StoreUnavailable);
    });

    it('is taken over with the marker that it bears, and marked where a process died before it could', async () => {
      const dying = overridingBlobs(blobs, { mark: () => Promise.reject(new StoreUnavailable('died')) });
      await expect(place(dying).claim('ours')).rejects.toThrow('died');
      await place(blobs).claim('fresh');
      expect(await blobs.marker()).toBe('ours');
      await bare.mark('of the migrated');
      const other = await World.open();
      await new MarkedPlace({ blobs: bare, operational: other.stores.operational }).claim('fresh');
      expect(await bare.marker()).toBe('of the migrated');
      await other.close();
    });
  });

  describe('when an empty one is there in its stead', () => {
    let content: Stored;
    beforeEach(async () => {
      await place(blobs).claim('ours');
      content = await stored();
    });

    it('nothing is marked, stored over or deleted, and the store counts as away', async () => {
      const before = await record();
      const lost = contentsOf(bare);
      await expect(lost.read(content)).rejects.toThrow(StoreUnavailable);
      await expect(lost.stream(content)).rejects.toThrow(StoreUnavailable);
      await expect(lost.isThere(content)).rejects.toThrow(StoreUnavailable);
      await expect(lost.storeBytes(DIGEST, Buffer.from(TEXT))).rejects.toThrow(StoreUnavailable);
      await expect(upload(bare)).rejects.toThrow(StoreUnavailable);
      await expect(lost.damaged.examine(content, 'altered')).rejects.toThrow(StoreUnavailable);
      expect([await record(), await everyOf(bare.list()), found]).toEqual([before, [], []]);
      expect(Buffer.from(await contentsOf(blobs).read(content)).toString()).toBe(TEXT);
    });

    it('is not taken for the place of a content that was marked before', async () => {
      await blobs.delete(content);
      await expect(contentsOf(blobs).read(content)).rejects.toThrow('no content is stored');
      const before = await record();
      const lost = contentsOf(bare);
      await expect(lost.locate(DIGEST)).rejects.toThrow(StoreUnavailable);
      await expect(lost.storeBytes(DIGEST, Buffer.from(TEXT))).rejects.toThrow(StoreUnavailable);
      await expect(upload(bare)).rejects.toThrow(StoreUnavailable);
      expect([await record(), await everyOf(bare.list())]).toEqual([before, []]);
      await upload(blobs);
      expect((await record())?.value.state).toBe('live');
    });

    it('is noticed also if the right one comes between two looks', async () => {
      let looks = 0;
      const coming = overridingBlobs(blobs, { stat: (key) => (looks++ === 0 ? bare : blobs).stat(key) });
      expect(await contentsOf(coming).damaged.examine(content, 'missing')).toBe('whole');
      expect([looks, found]).toEqual([2, []]);
    });
  });
});
