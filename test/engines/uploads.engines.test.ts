import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { S3Objects } from '../../src/adapters/blobs/objects/s3.js';
import { chunksOf, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { Contents } from '../../src/commands/contents.js';
import { DomainError } from '../../src/domain/shared/errors.js';
import { UploadIds, type UploadOwner } from '../../src/commands/uploadIds.js';
import { ChunkOutOfOrder, Uploads, UploadUnknown } from '../../src/commands/uploads.js';
import { UploadsInFlight } from '../../src/commands/uploadsInFlight.js';
import type { RepositoryId } from '../../src/domain/shared/ids.js';
import type { BlobStore } from '../../src/ports/blobStore.js';
import { rethrown, World } from '../support/world.js';
import { s3Engine } from './s3.js';

const engine = await s3Engine();
const KIB = 1024;
type Process = { readonly uploads: Uploads; readonly contents: Contents; readonly blobs: BlobStore };
const OWNER: UploadOwner = { repositoryId: 'here' as RepositoryId, subject: 'user:ada' };

class WatchedBlobStore extends ObjectBlobStore {
  /** Called when an append is durable and nobody knows it yet. */
  stored: (() => Promise<void>) | undefined;

  override async append(...call: Parameters<BlobStore['append']>): Promise<number> {
    const end = await super.append(...call);
    await this.stored?.();
    return end;
  }
}

function gate(): { readonly promise: Promise<undefined>; open(): void } {
  let open = (): void => undefined;
  const promise = new Promise<undefined>((resolve) => {
    open = () => {
      resolve(undefined);
    };
  });
  return { promise, open };
}

if (engine) {
  describe('uploads of two processes on one object store', () => {
    const path = randomUUID();
    const key = randomBytes(32);
    let world: World;
    beforeAll(async () => {
      world = await World.open();
    });
    afterAll(async () => {
      await world.close();
      await engine.stop();
    });

    /** The uploads of one process: of the other one it knows what lies in the stores. */
    const process = (stored?: () => Promise<void>): Process => {
      const { clock } = world;
      const { operational } = world.stores;
      const blobs = new WatchedBlobStore(new S3Objects(engine.settings), path);
      blobs.stored = stored;
      const ids = { next: () => randomUUID() };
      const contents = new Contents({
        ...{ blobs, operational, clock, ids },
        notRemoved: rethrown,
        holdSeconds: 3_600,
        oneWriter: false,
      });
      const uploads = new Uploads({
        ...{ blobs, operational, contents, clock },
        ids: new UploadIds(key),
        inFlight: new UploadsInFlight(1000, operational),
        maximumBytes: 1024 * 1024 * KIB,
        lifetimeSeconds: 3_600,
      });
      return { uploads, contents, blobs };
    };
    const chunk = (bytes: Uint8Array, start: number) => ({ source: chunksOf(bytes), length: undefined, start });

    it('begins on one, goes on and ends on the other', async () => {
      const [one, other] = [process(), process()];
      const bytes = randomBytes(12_000 * KIB);
      const id = await one.uploads.begin(OWNER);
      await one.uploads.append(id, OWNER, chunk(bytes.subarray(0, 5_000 * KIB), 0));
      expect(await other.uploads.status(id, OWNER)).toEqual({ offset: 5_000 * KIB });
      await other.uploads.append(id, OWNER, chunk(bytes.subarray(5_000 * KIB, 11_000 * KIB), 5_000 * KIB));
      const { digest } = keyOf(bytes);
      await one.uploads.finish(id, OWNER, digest, chunk(bytes.subarray(11_000 * KIB), 11_000 * KIB));
      const stored = await other.contents.locate(digest);
      expect(stored && Buffer.compare(await other.blobs.read(stored), bytes)).toBe(0);
    });

    it('stores nothing for one whose bytes another replaced before they were written down', async () => {
      const [mine, theirs] = [randomBytes(100 * KIB), randomBytes(100 * KIB)];
      const [replaced, written] = [gate(), gate()];
      const other = process(async () => {
        replaced.open();
        await written.promise;
      });
      let losing: Promise<unknown> = Promise.resolve();
      const one = process(async () => {
        losing = expect(other.uploads.append(id, OWNER, chunk(theirs, 0))).rejects.toThrow(ChunkOutOfOrder);
        await replaced.promise;
      });
      const id = await one.uploads.begin(OWNER);
      expect(await one.uploads.append(id, OWNER, chunk(mine, 0))).toEqual({ offset: mine.byteLength });
      written.open();
      await losing;
      const { digest } = keyOf(mine);
      await expect(process().uploads.finish(id, OWNER, digest, undefined)).rejects.toThrow(UploadUnknown);
      expect(await one.contents.locate(digest)).toBeUndefined();
    });

    it('never stores bytes under a digest that they do not have, whoever meets whom', async () => {
      const refusals = new Set<string>();
      let stored = 0;
      for (let round = 0; round < 30; round += 1) {
        const processes = [process(), process()];
        const id = (await processes[0]?.uploads.begin(OWNER)) ?? '';
        const size = 70 * KIB;
        // Both feed the same places with other bytes, and end with the digest of their own.
        const feed = async ({ uploads, contents, blobs }: Process): Promise<void> => {
          const bytes = randomBytes(3 * size);
          const { digest } = keyOf(bytes);
          try {
            await uploads.append(id, OWNER, chunk(bytes.subarray(0, size), 0));
            await uploads.append(id, OWNER, chunk(bytes.subarray(size, 2 * size), size));
            await uploads.finish(id, OWNER, digest, chunk(bytes.subarray(2 * size), 2 * size));
            const content = await contents.locate(digest);
            expect(content && Buffer.compare(await blobs.read(content), bytes)).toBe(0);
            stored += 1;
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
            refusals.add(error.code);
          }
        };
        await Promise.all(processes.map(feed));
      }
      const expected = ['chunk-out-of-order', 'digest-mismatch', 'upload-unknown'];
      expect(expected).toEqual(expect.arrayContaining([...refusals]));
      expect(refusals.size).toBeGreaterThan(0);
      expect(stored).toBeGreaterThan(0);
    });
  });
} else {
  it.skip('uploads of two processes: there is no S3 server', () => undefined);
}
