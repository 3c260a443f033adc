import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { BlobStore, UploadId } from '../../ports/blobStore.js';
import { OffsetConflict } from '../../ports/errors.js';
import { chunksOf, collect, everyOf, freshUpload, keyOf } from './sampleContents.js';

const MIB = 1024 * 1024;

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/** A source that stops before its last byte until it is told to go on. */
function halted(bytes: Uint8Array): {
  readonly source: AsyncIterable<Uint8Array>;
  readonly begun: Promise<void>;
  goOn(): void;
} {
  const begun = Promise.withResolvers<undefined>();
  const gate = Promise.withResolvers<undefined>();
  const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    yield bytes.subarray(0, -1);
    begun.resolve(undefined);
    await gate.promise;
    yield bytes.subarray(-1);
  };
  const goOn = (): void => {
    gate.resolve(undefined);
  };
  return { source: source(), begun: begun.promise, goOn };
}

/**
 * What an engine promises that several processes use: an upload is at home on none of them, and where two work on one at
 * the same time the engine itself lets one win.
 *
 * @param open two stores on the same place that know nothing of each other, as in two processes
 */
export function sharedBlobStoreContract(
  name: string,
  open: () => Promise<{ readonly stores: readonly [BlobStore, BlobStore]; readonly close: () => Promise<void> }>,
): void {
  describe(`blob store for several processes: ${name}`, () => {
    let one: BlobStore;
    let other: BlobStore;
    let close: () => Promise<void>;

    beforeEach(async () => {
      ({
        stores: [one, other],
        close,
      } = await open());
    });
    afterEach(() => close());

    const staged = async (bytes: Uint8Array): Promise<UploadId> => {
      const upload = freshUpload();
      await one.append(upload, 0, chunksOf(bytes));
      return upload;
    };
    const outcome = (work: Promise<unknown>): Promise<'won' | 'lost'> =>
      work.then(
        () => 'won' as const,
        (error: unknown) => {
          if (error instanceof OffsetConflict) return 'lost' as const;
          throw error;
        },
      );

    it('goes on with an upload where it was not begun, and ends it where it was not gone on with', async () => {
      const bytes = randomBytes(20 * MIB + 3);
      const upload = await staged(bytes.subarray(0, MIB));
      expect(await other.append(upload, MIB, chunksOf(bytes.subarray(MIB, 12 * MIB)))).toBe(12 * MIB);
      expect(await one.append(upload, 12 * MIB, chunksOf(bytes.subarray(12 * MIB)))).toBe(bytes.byteLength);
      expect(same(await collect(other.readUpload(upload, bytes.byteLength)), bytes)).toBe(true);
      const key = keyOf(bytes);
      await other.finish(upload, key, bytes.byteLength);
      expect(same(await one.read(key), bytes)).toBe(true);
      expect(await everyOf(one.listUploads())).not.toContain(upload);
    });

    it.each([0, 10, 9 * MIB])('lets one of two writers at offset %d win', async (offset) => {
      const before = randomBytes(offset);
      const upload = await staged(before);
      const [mine, theirs] = [randomBytes(9 * MIB), randomBytes(10 * MIB)];
      const slow = halted(mine);
      const losing = outcome(one.append(upload, offset, slow.source));
      await slow.begun;
      expect(await other.append(upload, offset, chunksOf(theirs))).toBe(offset + theirs.byteLength);
      slow.goOn();
      expect(await losing).toBe('lost');
      const both = Buffer.concat([before, theirs]);
      const key = keyOf(both);
      await one.finish(upload, key, both.byteLength);
      expect(same(await other.read(key), both)).toBe(true);
    });

    it('lets exactly one of many writers win, whoever it is', async () => {
      for (let round = 0; round < 5; round += 1) {
        const before = randomBytes(1000);
        const upload = await staged(before);
        const pieces = Array.from({ length: 6 }, () => randomBytes(2000));
        const slow = pieces.map((piece) => halted(piece));
        const outcomes = Promise.all(
          slow.map(({ source }, index) => outcome((index % 2 ? one : other).append(upload, 1000, source))),
        );
        await Promise.all(slow.map(({ begun }) => begun));
        for (const writer of slow) writer.goOn();
        const ended = await outcomes;
        const winners = pieces.filter((_, index) => ended[index] === 'won');
        expect(winners).toHaveLength(1);
        expect(same(await collect(one.readUpload(upload, 3000)), Buffer.concat([before, ...winners]))).toBe(true);
      }
    });

    it('refuses a writer whose upload was finished meanwhile', async () => {
      const bytes = randomBytes(9 * MIB);
      const upload = await staged(bytes);
      const slow = halted(randomBytes(9 * MIB));
      const losing = outcome(one.append(upload, bytes.byteLength, slow.source));
      await slow.begun;
      const key = keyOf(bytes);
      await other.finish(upload, key, bytes.byteLength);
      slow.goOn();
      expect(await losing).toBe('lost');
      expect(same(await one.read(key), bytes)).toBe(true);
    });

    it('refuses a writer whose upload was aborted meanwhile', async () => {
      const upload = await staged(randomBytes(1000));
      const slow = halted(randomBytes(1000));
      const losing = outcome(one.append(upload, 1000, slow.source));
      await slow.begun;
      await other.abort(upload);
      slow.goOn();
      expect(await losing).toBe('lost');
    });

    it('never loses a byte of what one finishes while the other appends', async () => {
      for (let round = 0; round < 5; round += 1) {
        const bytes = randomBytes(9 * MIB);
        const upload = await staged(bytes);
        const key = keyOf(bytes);
        const [finished] = await Promise.all([
          outcome(one.finish(upload, key, bytes.byteLength)),
          outcome(other.append(upload, bytes.byteLength, chunksOf(randomBytes(10)))),
        ]);
        if (finished === 'lost') expect([undefined, bytes.byteLength]).toContain(await one.stat(key));
        if ((await one.stat(key)) !== undefined) expect(same(await other.read(key), bytes)).toBe(true);
        else expect(finished).toBe('lost');
      }
    });

    it('goes on over what a call left that nobody was told of', async () => {
      const [first, lost, second] = [randomBytes(9 * MIB + 1), randomBytes(100), randomBytes(50)];
      const upload = freshUpload();
      await one.append(upload, 0, chunksOf(first), undefined, { from: null, to: 'first' });
      await one.append(upload, first.byteLength, chunksOf(lost), undefined, { from: 'first', to: 'lost' });
      expect(same(await collect(other.readUpload(upload, first.byteLength, 'first')), first)).toBe(true);
      const end = first.byteLength + second.byteLength;
      const step = { from: 'first', to: 'second' };
      expect(await other.append(upload, first.byteLength, chunksOf(second), undefined, step)).toBe(end);
      const key = keyOf(first);
      await one.finish(upload, key, end, 'second');
      expect(same(await one.read(key), Buffer.concat([first, second]))).toBe(true);
    });

    it('refuses everything that relies on bytes which another call replaced', async () => {
      const [mine, theirs] = [randomBytes(1000), randomBytes(1000)];
      const upload = freshUpload();
      await one.append(upload, 0, chunksOf(mine), undefined, { from: null, to: 'mine' });
      await other.append(upload, 0, chunksOf(theirs), undefined, { from: null, to: 'theirs' });
      const step = { from: 'mine', to: 'more' };
      await expect(one.append(upload, 1000, chunksOf(mine), undefined, step)).rejects.toThrow(OffsetConflict);
      await expect(collect(one.readUpload(upload, 1000, 'mine'))).rejects.toThrow(OffsetConflict);
      await expect(one.finish(upload, keyOf(mine), 1000, 'mine')).rejects.toThrow(OffsetConflict);
      const key = keyOf(theirs);
      await other.finish(upload, key, 1000, 'theirs');
      expect(same(await one.read(key), theirs)).toBe(true);
    });

    it('finishes once when both are told to', async () => {
      const bytes = randomBytes(17 * MIB);
      const upload = await staged(bytes);
      const key = keyOf(bytes);
      const outcomes = await Promise.all(
        [one, other].map((store) => outcome(store.finish(upload, key, bytes.byteLength))),
      );
      expect(outcomes).toContain('won');
      expect(same(await one.read(key), bytes)).toBe(true);
      expect(await everyOf(other.listUploads())).not.toContain(upload);
    });
  });
}
