import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { GcsObjects } from '../../src/adapters/blobs/objects/gcs.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import type { ObjectStore } from '../../src/adapters/blobs/objects/objectStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { chunksOf, collect, freshUpload, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { CONTENTS, type ContentRecord, type Stored } from '../../src/commands/contentRecords.js';
import { Contents } from '../../src/commands/contents.js';
import type { ContentDamage } from '../../src/commands/damagedContents.js';
import { MarkedPlace } from '../../src/commands/markedPlace.js';
import { verifyContents } from '../../src/commands/verifyContents.js';
import { ContentMissing, StoreUnavailable } from '../../src/ports/errors.js';
import { rethrown, World } from '../support/world.js';
import { gcsEngine } from './gcs.js';
import { s3Engine } from './s3.js';

/* What damagedContents.test.ts says of folders, where the engine answers in its own way that bytes are not there. */

const [s3, gcs] = [await s3Engine(), await gcsEngine()];

type Given = readonly [name: string, objects: ObjectStore, withoutBucket: ObjectStore];
const given: Given[] = [];
if (s3) given.push(['S3', new S3Objects(s3.settings), new S3Objects({ ...s3.settings, bucket: 'none' })]);
if (gcs) given.push(['Google’s', new GcsObjects(gcs.settings), new GcsObjects({ ...gcs.settings, bucket: 'none' })]);

afterAll(async () => {
  await s3?.stop();
  await gcs?.stop();
});

if (given.length === 0) it.skip('damaged contents in object stores: there is no such engine', () => undefined);
else
  describe.each(given)('contents on %s whose bytes are damaged', (_engine, objects, withoutBucket) => {
    const path = randomUUID();
    const blobs = new ObjectBlobStore(objects, path);
    let world: World;
    let found: ContentDamage[];
    let contents: Contents;
    let bytes: Buffer;
    let content: Stored;

    beforeEach(async () => {
      world = await World.open();
      found = [];
      contents = process(blobs);
      bytes = randomBytes(300_000);
      content = await stored();
    });
    afterEach(() => world.close());

    const process = (store: ObjectBlobStore): Contents => {
      const { operational } = world.stores;
      return new Contents({
        ...{ blobs: store, operational, clock: world.clock, ids: { next: () => randomUUID() } },
        ...{ notRemoved: rethrown, holdSeconds: 3_600, oneWriter: false, foundDamaged: (damage) => found.push(damage) },
      });
    };
    /** As an upload brings them. */
    const stored = async (): Promise<Stored> => {
      const [id, step] = [freshUpload(), randomUUID()];
      await blobs.append(id, 0, chunksOf(bytes), undefined, { from: null, to: step });
      const { digest } = keyOf(bytes);
      await contents.storeUpload(digest, { id, offset: bytes.byteLength, step }, []);
      const there = await contents.locate(digest);
      if (!there) throw new Error('it was not stored');
      return there;
    };
    /** As a start does it. */
    const marked = (store: ObjectBlobStore): Promise<void> =>
      new MarkedPlace({ blobs: store, operational: world.stores.operational }).claim(randomUUID());
    const stateOf = async () =>
      (await world.stores.operational.get<ContentRecord>(CONTENTS, content.digest))?.value.state;
    const verified = () =>
      verifyContents({
        operational: world.stores.operational,
        ...{ blobs, damaged: contents.damaged, progressed: () => undefined },
      });

    it.each([
      ['gone', () => blobs.delete(content)],
      ['too few', () => blobs.put(content, bytes.subarray(0, 1_000))],
    ])('count as not there once somebody reads them, and are mended by the next push: %s', async (_how, damage) => {
      await damage();
      await expect(contents.stream(content)).rejects.toThrow(ContentMissing);
      await expect(contents.stream(content, { start: 500, end: 250_000 })).rejects.toThrow(ContentMissing);
      await expect(contents.read(content)).rejects.toThrow(ContentMissing);
      expect([await contents.locate(content.digest), found]).toEqual([undefined, [{ ...content, damage: 'missing' }]]);
      const after = await stored();
      expect((await collect(await contents.stream(after))).equals(bytes)).toBe(true);
      expect(await blobs.stat(content)).toBeUndefined();
    });

    it('are mended by a push where nobody has noticed yet, as when clients fetch them from the engine', async () => {
      await blobs.delete(content);
      const after = await stored();
      expect(after.generation).not.toBe(content.generation);
      expect((await contents.read(after)).byteLength).toBe(bytes.byteLength);
    });

    it('and are others than they should be are found by who reads all that is stored', async () => {
      await blobs.put(content, randomBytes(bytes.byteLength));
      expect((await verified()).findings).toEqual([{ digest: content.digest, reason: 'altered', detail: null }]);
      expect(await contents.locate(content.digest)).toBeUndefined();
      await blobs.put(content, bytes);
      expect(await verified()).toMatchObject({ contents: 1, mended: 1, findings: [] });
      expect(await contents.locate(content.digest)).toEqual(content);
    });

    it.each([
      ['bucket', () => new ObjectBlobStore(withoutBucket, path)],
      ['path in it', () => new ObjectBlobStore(objects, randomUUID())],
    ])('are as they were when the %s was not there for a while, whatever was asked meanwhile', async (_what, open) => {
      await marked(blobs);
      const lost = open();
      const there = process(lost);
      const asked = [
        () => there.read(content),
        () => there.stream(content),
        () => there.isThere(content),
        () => there.storeBytes(content.digest, bytes),
      ];
      for (const ask of asked) await expect(ask()).rejects.toThrow(StoreUnavailable);
      await expect(marked(lost)).rejects.toThrow();
      expect(found).toEqual([]);
      expect(await contents.locate(content.digest)).toEqual(content);
      expect(await stateOf()).toBe('live');
      await marked(blobs);
    });
  });
