import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { BlobStore, UploadId } from '../../ports/blobStore.js';
import { ContentMissing, OffsetConflict } from '../../ports/errors.js';
import { brokenAfter, chunksOf, collect, everyOf, freshGeneration, freshUpload, keyOf } from './sampleContents.js';

const KIB = 1024;
const MIB = 1024 * KIB;

/** Compares as buffers: a readable verdict without printing megabytes. */
const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/**
 * What the BlobStore port promises, whatever engine keeps the bytes.
 *
 * @param name shown in the report
 * @param open makes an empty store, or one where only this suite writes
 */
export function blobStoreContract(
  name: string,
  open: () => Promise<{ readonly store: BlobStore; readonly close: () => Promise<void> }>,
): void {
  describe(`blob store contract: ${name}`, () => {
    let store: BlobStore;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({ store, close } = await open());
    });

    afterEach(() => close());

    const staged = async (bytes: Uint8Array): Promise<UploadId> => {
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes));
      return upload;
    };

    describe('whole contents', () => {
      it.each([0, 1, 64 * KIB, 64 * KIB + 1, 3 * MIB])('gives back the %d bytes that were put', async (size) => {
        const bytes = randomBytes(size);
        const key = keyOf(bytes);
        await store.put(key, bytes);
        expect(same(await store.read(key), bytes)).toBe(true);
        expect(same(await collect(await store.stream(key)), bytes)).toBe(true);
        expect(await store.stat(key)).toBe(size);
      });

      it('keeps what a sha512 digest names', async () => {
        const bytes = randomBytes(100);
        const key = keyOf(bytes, 'sha512');
        await store.put(key, bytes);
        expect(same(await store.read(key), bytes)).toBe(true);
      });

      it('takes the same put twice', async () => {
        const bytes = randomBytes(100 * KIB);
        const key = keyOf(bytes);
        await store.put(key, bytes);
        await store.put(key, bytes);
        expect(same(await store.read(key), bytes)).toBe(true);
      });

      it('knows nothing of other generations of a digest', async () => {
        const bytes = randomBytes(10);
        const key = keyOf(bytes);
        await store.put(key, bytes);
        const other = { ...key, generation: freshGeneration() };
        expect(await store.stat(other)).toBeUndefined();
        await expect(store.read(other)).rejects.toThrow(ContentMissing);
      });

      it('says that a content is missing before the first byte', async () => {
        const key = keyOf(randomBytes(10));
        await expect(store.stream(key)).rejects.toThrow(ContentMissing);
        await expect(store.stream(key, { start: 0, end: 0 })).rejects.toThrow(ContentMissing);
        expect(await store.stat(key)).toBeUndefined();
      });
    });

    it('bears what it was marked with last, which is no content and no upload', async () => {
      expect(await store.marker()).toBeUndefined();
      const listed = async () => [await everyOf(store.list()), await everyOf(store.listUploads())];
      const before = await listed();
      for (const marker of ['one', 'another']) {
        await store.mark(marker);
        expect(await store.marker()).toBe(marker);
      }
      expect(await listed()).toEqual(before);
      await store.sweepLeftovers?.(Date.now() + 10 * 24 * 60 * 60 * 1000);
      expect(await store.marker()).toBe('another');
    });

    describe.each([1000, 2 * MIB])('ranges of %d bytes', (size) => {
      it('streams exactly the bytes asked for, both ends included', async () => {
        const bytes = randomBytes(size);
        const key = keyOf(bytes);
        await store.put(key, bytes);
        const last = size - 1;
        const ranges = [
          [0, 0],
          [0, last],
          [last, last],
          [1, last - 1],
          [511, 513],
          [size / 2, last],
        ] as const;
        for (const [start, end] of ranges) {
          const part = await collect(await store.stream(key, { start, end }));
          expect({ start, end, same: same(part, bytes.subarray(start, end + 1)) }).toEqual({ start, end, same: true });
        }
      });
    });

    describe('uploads', () => {
      it('appends in several calls and tells each new end', async () => {
        const bytes = randomBytes(3 * MIB + 7);
        const upload = freshUpload();
        expect(await store.append(upload, 0, chunksOf(bytes.subarray(0, 10), 3))).toBe(10);
        expect(await store.append(upload, 10, chunksOf(bytes.subarray(10, 2 * MIB)))).toBe(2 * MIB);
        expect(await store.append(upload, 2 * MIB, chunksOf(bytes.subarray(2 * MIB), MIB))).toBe(bytes.byteLength);
        expect(same(await collect(store.readUpload(upload, bytes.byteLength)), bytes)).toBe(true);
        const key = keyOf(bytes);
        await store.finish(upload, key, bytes.byteLength);
        expect(same(await store.read(key), bytes)).toBe(true);
      });

      it('takes a source that yields nothing', async () => {
        const upload = freshUpload();
        expect(await store.append(upload, 0, chunksOf(new Uint8Array()))).toBe(0);
        expect(await store.append(upload, 0, chunksOf(randomBytes(5)))).toBe(5);
        expect(await store.append(upload, 5, chunksOf(new Uint8Array()))).toBe(5);
      });

      it('passes over empty chunks', async () => {
        const bytes = randomBytes(20);
        const upload = freshUpload();
        const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
          yield new Uint8Array();
          yield* chunksOf(bytes, 7);
          yield new Uint8Array();
        };
        expect(await store.append(upload, 0, source())).toBe(20);
        expect(same(await collect(store.readUpload(upload, 20)), bytes)).toBe(true);
      });

      it('reads only the first staged bytes when asked for them', async () => {
        const bytes = randomBytes(MIB + 3);
        const upload = await staged(bytes);
        expect(same(await collect(store.readUpload(upload, MIB - 1)), bytes.subarray(0, MIB - 1))).toBe(true);
        expect((await collect(store.readUpload(upload, 0))).byteLength).toBe(0);
      });

      it('drops bytes past the offset that an interrupted call left', async () => {
        const upload = await staged(randomBytes(2 * MIB));
        const first = await collect(store.readUpload(upload, 1000));
        const more = randomBytes(50);
        expect(await store.append(upload, 1000, chunksOf(more))).toBe(1050);
        const both = Buffer.concat([first, more]);
        const key = keyOf(both);
        await store.finish(upload, key, 1050);
        expect(same(await store.read(key), both)).toBe(true);
      });

      it('starts anew at offset 0', async () => {
        const upload = await staged(randomBytes(100));
        const bytes = randomBytes(10);
        expect(await store.append(upload, 0, chunksOf(bytes))).toBe(10);
        expect(same(await collect(store.readUpload(upload, 10)), bytes)).toBe(true);
      });

      it('refuses an offset that was never reached', async () => {
        const upload = await staged(randomBytes(100));
        await expect(store.append(upload, 101, chunksOf(randomBytes(1)))).rejects.toThrow(OffsetConflict);
        await expect(store.append(freshUpload(), 1, chunksOf(randomBytes(1)))).rejects.toThrow(OffsetConflict);
        expect(await store.append(upload, 100, chunksOf(randomBytes(1)))).toBe(101);
      });

      it('keeps what came before its source failed, as far as it says', async () => {
        const bytes = randomBytes(2 * MIB + 11);
        const upload = freshUpload();
        const kept: number[] = [];
        const note = (end: number): Promise<void> => {
          kept.push(end);
          return Promise.resolve();
        };
        await expect(store.append(upload, 0, brokenAfter(bytes), note)).rejects.toThrow('the client went away');
        expect(kept).toHaveLength(1);
        const end = kept[0] ?? 0;
        expect(end).toBeLessThanOrEqual(bytes.byteLength);
        expect(same(await collect(store.readUpload(upload, end)), bytes.subarray(0, end))).toBe(true);
        await store.append(upload, end, chunksOf(bytes.subarray(end)));
        const key = keyOf(bytes);
        await store.finish(upload, key, bytes.byteLength);
        expect(same(await store.read(key), bytes)).toBe(true);
      });

      it('rethrows the failure of its source where nobody wants to know what was kept', async () => {
        await expect(store.append(freshUpload(), 0, brokenAfter(randomBytes(10)))).rejects.toThrow('went away');
      });

      it.each([0, 1, 64 * KIB, 64 * KIB + 1])('finishes an upload of %d bytes', async (size) => {
        const bytes = randomBytes(size);
        const key = keyOf(bytes);
        const upload = await staged(bytes);
        await store.finish(upload, key, size);
        expect(same(await store.read(key), bytes)).toBe(true);
        expect(await store.stat(key)).toBe(size);
        expect(await everyOf(store.listUploads())).not.toContain(upload);
        await expect(store.append(upload, size + 1, chunksOf(bytes))).rejects.toThrow(OffsetConflict);
      });

      it('finishes with fewer bytes than an interrupted call left', async () => {
        const bytes = randomBytes(MIB);
        const upload = await staged(bytes);
        const part = bytes.subarray(0, 100 * KIB + 1);
        const key = keyOf(part);
        await store.finish(upload, key, part.byteLength);
        expect(same(await store.read(key), part)).toBe(true);
      });

      it('lists uploads that left bytes until they are aborted', async () => {
        const [one, two] = [await staged(randomBytes(10)), await staged(randomBytes(10))];
        expect(await everyOf(store.listUploads())).toEqual(expect.arrayContaining([one, two]));
        await store.abort(one);
        const left = await everyOf(store.listUploads());
        expect(left).toContain(two);
        expect(left).not.toContain(one);
        await expect(store.append(one, 10, chunksOf(randomBytes(1)))).rejects.toThrow(OffsetConflict);
      });

      it('does not mind aborting what it does not know', async () => {
        await expect(store.abort(freshUpload())).resolves.toBeUndefined();
      });

      it('shows no content before the upload is finished', async () => {
        const bytes = randomBytes(100);
        await staged(bytes);
        const { digest } = keyOf(bytes);
        const listed = await everyOf(store.list());
        expect(listed.filter((content) => content.digest === digest)).toEqual([]);
      });
    });

    describe('deleting and listing', () => {
      it.each([10, 100 * KIB])('deletes one generation of %d bytes and leaves the others', async (size) => {
        const bytes = randomBytes(size);
        const [one, two] = [keyOf(bytes), keyOf(bytes)];
        await store.put(one, bytes);
        await store.put(two, bytes);
        await store.delete(one);
        expect(await store.stat(one)).toBeUndefined();
        await expect(store.stream(one)).rejects.toThrow(ContentMissing);
        expect(same(await store.read(two), bytes)).toBe(true);
      });

      it('does not mind deleting what is not there', async () => {
        await expect(store.delete(keyOf(randomBytes(10)))).resolves.toBeUndefined();
      });

      it('survives puts and deletes of one digest at the same time', async () => {
        const bytes = randomBytes(100 * KIB);
        for (let round = 0; round < 5; round += 1) {
          const [stays, goes] = [keyOf(bytes), keyOf(bytes)];
          await store.put(goes, bytes);
          await Promise.all([store.delete(goes), store.put(stays, bytes)]);
          expect(same(await store.read(stays), bytes)).toBe(true);
          await store.delete(stays);
        }
      });

      it('lists every content with its size', async () => {
        const contents = [0, 10, 70 * KIB, MIB].map((size) => randomBytes(size));
        const keys = contents.map((bytes, index) => keyOf(bytes, index === 1 ? 'sha512' : 'sha256'));
        for (const [index, key] of keys.entries()) await store.put(key, contents[index] ?? new Uint8Array());
        const listed = await everyOf(store.list());
        const expected = keys.map((key, index) => ({ ...key, size: contents[index]?.byteLength }));
        expect(listed).toEqual(expect.arrayContaining(expected));
      });
    });
  });
}
