import { hash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { overridingBlobs } from '../../test/support/overridingBlobs.js';
import { rethrown, World } from '../../test/support/world.js';
import { chunksOf, freshUpload } from '../adapters/blobs/sampleContents.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import { ContentMissing, StoreUnavailable } from '../ports/errors.js';
import type { Stored } from './contentRecords.js';
import { Contents } from './contents.js';

/* What else becomes of contents that are damaged stands in damagedContents.test.ts. */
describe('contents that were located before somebody stored them anew', () => {
  let world: World;
  let blobs: BlobStore;
  let contents: Contents;
  let text: string;
  let digest: Digest;
  let content: Stored;

  beforeEach(async () => {
    world = await World.open();
    ({ blobs } = world.stores);
    contents = process();
    text = `${randomUUID()} `.repeat(3_000);
    digest = digestOf('sha256', hash('sha256', text));
    await contents.storeBytes(digest, Buffer.from(text));
    content = await located();
  });
  afterEach(() => world.close());

  /** The contents of one process more. */
  const process = (store = blobs): Contents => {
    const { clock, ids, stores } = world;
    const { operational } = stores;
    return new Contents({
      ...{ blobs: store, operational, clock, ids },
      notRemoved: rethrown,
      holdSeconds: 3_600,
      oneWriter: true,
    });
  };
  const located = async (): Promise<Stored> => {
    const there = await contents.locate(digest);
    if (!there) throw new Error(`${digest} is not there`);
    return there;
  };
  /** As an upload brings them. */
  const upload = async (into = contents): Promise<void> => {
    const id = freshUpload();
    await blobs.append(id, 0, chunksOf(Buffer.from(text)));
    await into.storeUpload(digest, { id, offset: text.length, step: null }, []);
  };

  it('are not there for who comes late when what was stored meanwhile is damaged, too', async () => {
    await blobs.delete(content);
    await upload(process());
    await blobs.delete(await located());
    expect(await contents.isThere(content)).toBe(false);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
  });

  it('are looked for a few times only where they are stored anew again and again', async () => {
    const others = process();
    let looks = 0;
    const late = process(
      overridingBlobs(blobs, {
        stat: async (key) => {
          const size = await blobs.stat(key);
          // The other one stores them elsewhere, and they are lost there at once.
          if (size === undefined && looks++ < 20) {
            await upload(others);
            await blobs.delete(await located());
          }
          return size;
        },
      }),
    );
    await blobs.delete(content);
    await expect(late.isThere(content)).rejects.toThrow(StoreUnavailable);
    expect(looks).toBeLessThan(20);
  });

  it('are named by a push where they are when it looked, though somebody stores them anew meanwhile', async () => {
    await blobs.delete(content);
    await expect(contents.read(content)).rejects.toThrow(ContentMissing);
    const others = process();
    const slow = process(
      overridingBlobs(blobs, {
        stat: async (key) => {
          await upload(others);
          await blobs.put(content, Buffer.from(text));
          return blobs.stat(key);
        },
      }),
    );
    expect((await slow.present([digest])).get(digest)).toEqual(await located());
    expect(await located()).not.toEqual(content);
  });
});
