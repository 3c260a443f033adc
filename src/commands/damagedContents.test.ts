import { hash, randomUUID } from 'node:crypto';
import { open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { overridingBlobs } from '../../test/support/overridingBlobs.js';
import { TestClock, World } from '../../test/support/world.js';
import { FolderObjects } from '../adapters/blobs/objects/folder/folderObjects.js';
import { chunksOf, freshUpload } from '../adapters/blobs/sampleContents.js';
import { ObjectBlobStore } from '../adapters/blobs/objects/objectBlobStore.js';
import { digestOf, hexOf, type Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { BlobStore, ContentKey } from '../ports/blobStore.js';
import { ContentMissing, StoreUnavailable } from '../ports/errors.js';
import { CONTENTS, type ContentRecord, type Stored } from './contentRecords.js';
import { Contents } from './contents.js';
import type { ContentDamage } from './damagedContents.js';
import { verifyContents } from './verifyContents.js';

const HERE = 'here' as RepositoryId;

const digestOfText = (text: string): Digest => digestOf('sha256', hash('sha256', text));

describe.each([
  ['of a folder of its own', true],
  ['of a folder that several processes use', false],
])('contents %s whose bytes are damaged', (_store, own) => {
  let world: World;
  let blobs: BlobStore;
  let found: ContentDamage[];
  /** What could not be removed failed with. */
  let left: unknown[];
  let contents: Contents;
  let root: string;
  /** Other bytes in each test, because the stores remember. */
  let text: string;
  let digest: Digest;
  let content: Stored;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    root = join(world.folder, own ? 'blobs' : 'shared');
    blobs = own ? world.stores.blobs : new ObjectBlobStore(new FolderObjects(root), '');
    [found, left] = [[], []];
    contents = process();
    text = `${randomUUID()} `.repeat(3_000);
    digest = digestOfText(text);
    await contents.storeBytes(digest, Buffer.from(text), [contents.holding(HERE, digest)]);
    content = await located();
  });

  /** The contents of one process more. */
  const process = (store = blobs): Contents => {
    const { ids, stores } = world;
    const { operational } = stores;
    const clock = new TestClock();
    return new Contents({
      ...{ blobs: store, operational, clock, ids, holdSeconds: 3_600, oneWriter: own },
      foundDamaged: (damage) => found.push(damage),
      notRemoved: (error) => left.push(error),
    });
  };
  const located = async (): Promise<Stored> => {
    const there = await contents.locate(digest);
    if (!there) throw new Error(`${digest} is not there`);
    return there;
  };
  const stateOf = async (of = digest) => (await world.stores.operational.get<ContentRecord>(CONTENTS, of))?.value.state;
  const pathOf = ({ digest: named, generation }: ContentKey): string =>
    join(root, 'sha256', hexOf(named).slice(0, 2), hexOf(named), generation);
  const alter = async (key: ContentKey): Promise<void> => {
    const file = await open(pathOf(key), 'r+');
    await file.write('?', 100);
    await file.close();
  };
  const shorten = (key: ContentKey): Promise<void> => truncate(pathOf(key), 1_000);
  const streamed = async (of: Stored): Promise<string> => {
    const chunks: Buffer[] = [];
    // Their memory is lent.
    for await (const chunk of await contents.stream(of)) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString();
  };
  /** As an upload brings them. */
  const upload = async (into = contents): Promise<void> => {
    const [id, step] = [freshUpload(), randomUUID()];
    await blobs.append(id, 0, chunksOf(Buffer.from(text)), undefined, { from: null, to: step });
    await into.storeUpload(digest, { id, offset: text.length, step }, [into.holding(HERE, digest)]);
  };
  const verified = () =>
    verifyContents({
      operational: world.stores.operational,
      ...{ blobs, damaged: contents.damaged, progressed: () => undefined },
    });

  const damages: readonly (readonly [string, () => Promise<void>])[] = [
    ['gone', () => blobs.delete(content)],
    ['too few', () => shorten(content)],
  ];
  const readings: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['read', () => contents.read(content)],
    ['streamed', () => contents.stream(content)],
  ];

  describe.each(damages)('and are %s', (_how, damage) => {
    beforeEach(() => damage());

    it.each(readings)('count as not there once they are %s, which is told once', async (_way, read) => {
      await expect(read()).rejects.toThrow(ContentMissing);
      await expect(read()).rejects.toThrow(ContentMissing);
      expect(await stateOf()).toBe('missing');
      expect(found).toEqual([{ ...content, damage: 'missing' }]);
      expect(await contents.locate(digest)).toBeUndefined();
      expect((await contents.present([digest])).size).toBe(0);
    });

    it.each([
      ['whole', () => contents.storeBytes(digest, Buffer.from(text))],
      ['as an upload', () => upload()],
    ])('are stored anew when they come again %s, also where nobody has noticed yet', async (_way, store) => {
      await store();
      const after = await located();
      expect(after.generation).not.toBe(content.generation);
      expect(await streamed(after)).toBe(text);
      expect(await stateOf()).toBe('live');
      // What was left of them is not kept.
      expect(await blobs.stat(content)).toBeUndefined();
      expect(await contents.heldUntil(HERE, digest)).toBeDefined();
    });

    it('are found by who reads all that is stored', async () => {
      const whole = `whole ${text}`;
      await contents.storeBytes(digestOfText(whole), Buffer.from(whole));
      const report = await verified();
      expect(report.findings).toContainEqual({ digest, reason: 'missing', detail: null });
      expect(report.findings.map((finding) => finding.digest)).not.toContain(digestOfText(whole));
      expect(await stateOf()).toBe('missing');
    });
  });

  it('are stored anew also where they are small', async () => {
    const small = randomUUID();
    const named = digestOfText(small);
    await contents.storeBytes(named, Buffer.from(small));
    const before = await contents.locate(named);
    if (!before) throw new Error('it was not stored');
    await blobs.delete(before);
    await contents.storeBytes(named, Buffer.from(small), [contents.holding(HERE, named)]);
    const after = await contents.locate(named);
    expect(after && Buffer.from(await contents.read(after)).toString()).toBe(small);
    expect(await contents.heldUntil(HERE, named)).toBeDefined();
  });

  it('are believed to be back when they are, under the same name', async () => {
    await blobs.delete(content);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    await blobs.put(content, Buffer.from(text));
    expect(await located()).toEqual(content);
    expect(await stateOf()).toBe('live');
  });

  it('are taken back by a push that is about to name them, when they are back', async () => {
    await blobs.delete(content);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    await blobs.put(content, Buffer.from(text));
    expect([...(await contents.present([digest])).keys()]).toEqual([digest]);
  });

  it('and are others than they should be are found by who reads them all, and stored anew', async () => {
    await alter(content);
    expect((await verified()).findings).toContainEqual({ digest, reason: 'altered', detail: null });
    expect(found).toEqual([{ ...content, damage: 'altered' }]);
    // That so many are there says nothing.
    expect(await contents.locate(digest)).toBeUndefined();
    await upload();
    expect(await streamed(await located())).toBe(text);
    expect(await blobs.stat(content)).toBeUndefined();
    expect((await verified()).findings.map((finding) => finding.digest)).not.toContain(digest);
  });

  it('and were put back wrongly are not taken for whole by a look, once they were read', async () => {
    await blobs.delete(content);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    await blobs.put(content, Buffer.from(text.toUpperCase().replaceAll(' ', '?')));
    expect((await verified()).findings).toContainEqual({ digest, reason: 'altered', detail: null });
    expect(found.map(({ damage }) => damage)).toEqual(['missing', 'altered']);
    expect(await contents.locate(digest)).toBeUndefined();
    expect((await contents.present([digest])).size).toBe(0);
    expect(await stateOf()).toBe('altered');
    await upload();
    expect(await streamed(await located())).toBe(text);
  });

  it('can be read again when somebody has put them back and they were verified', async () => {
    await alter(content);
    await verified();
    await blobs.delete(content);
    await blobs.put(content, Buffer.from(text));
    expect(await contents.locate(digest)).toBeUndefined();
    const report = await verified();
    expect(report.mended).toBe(1);
    expect(await located()).toEqual(content);
  });

  it('are looked at by their own name: who comes late finds what was stored meanwhile, and does not mark it', async () => {
    await blobs.delete(content);
    await upload(process());
    const fresh = await located();
    found.length = 0;
    expect(Buffer.from(await contents.read(content)).toString()).toBe(text);
    expect(await streamed(content)).toBe(text);
    expect(await contents.isThere(content)).toBe(true);
    expect(await contents.damaged.examine(content, 'altered')).toBe('replaced');
    expect([await located(), await stateOf(), found]).toEqual([fresh, 'live', []]);
  });

  it('are not marked where somebody stored them while they were looked at', async () => {
    await blobs.delete(content);
    const others = process();
    const slow = process(
      overridingBlobs(blobs, {
        stat: async (key) => {
          const size = await blobs.stat(key);
          if (key.generation === content.generation) await upload(others);
          return size;
        },
      }),
    );
    found.length = 0;
    expect(await slow.damaged.examine(content, 'missing')).toBe('replaced');
    // The other one did mark the former ones, before it stored its own.
    expect(found).toEqual([{ ...content, damage: 'missing' }]);
    expect(await streamed(await located())).toBe(text);
  });

  it('once are not brought down by one reading that failed, nor by a store that is away', async () => {
    expect(await contents.damaged.examine(content, 'missing')).toBe('whole');
    const away = process(overridingBlobs(blobs, { stat: () => Promise.reject(new StoreUnavailable('away')) }));
    await blobs.delete(content);
    await expect(away.read(content)).rejects.toThrow(StoreUnavailable);
    expect([await stateOf(), found]).toEqual(['live', []]);
  });

  it.each([
    ['whole', (into: Contents) => into.storeBytes(digest, Buffer.from(text), [contents.holding(HERE, digest)])],
    ['as an upload', (into: Contents) => upload(into)],
  ])('and cannot be removed do not keep the next push from storing them anew: %s', async (_way, store) => {
    await shorten(content);
    const stuck = new StoreUnavailable('the disk does not remove');
    await store(process(overridingBlobs(blobs, { delete: () => Promise.reject(stuck) })));
    expect(await streamed(await located())).toBe(text);
    expect(left).toEqual([stuck]);
  });

  it('tell who keeps something of them in memory', async () => {
    let told = 0;
    contents.damaged.onMarked(() => told++);
    await blobs.delete(content);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    expect(told).toBe(1);
  });
});
