import { describe, expect, it } from '@jest/globals';
import {
  A,
  B,
  OWNER,
  breakingOff,
  heldUntil,
  isStaged,
  placed,
  process,
  record,
  sha256,
  signal,
  slow,
  small,
  stored,
  streamed,
  upload,
  uploads,
  uploadsUnderTest,
  world,
} from '../../test/support/uploadsUnderTest.js';
import { ChunkOutOfOrder, DigestMismatch, UploadUnknown } from './uploads.js';

describe('uploads', () => {
  uploadsUnderTest();

  describe('that are fed', () => {
    it('grow piece by piece, and become a blob that their repository may read', async () => {
      expect(await uploads.append(upload, OWNER, streamed(A, B))).toEqual({ offset: 200_000 });
      expect(await uploads.append(upload, OWNER, placed(200_000, A))).toEqual({ offset: 300_000 });
      await uploads.finish(upload, OWNER, sha256(A + B + A + B), streamed(B));
      expect(await stored(sha256(A + B + A + B))).toBe(A + B + A + B);
      expect(await heldUntil(sha256(A + B + A + B))).toBe('2026-06-18T19:59:13.000Z');
      expect(await isStaged()).toBe(false);
    });

    it.each([
      ['behind', 0],
      ['before', 99_999],
      ['after', 100_001],
    ])('take no piece that begins %s their end, and stay usable', async (_, start) => {
      await uploads.append(upload, OWNER, placed(0, A));
      const wrong = uploads.append(upload, OWNER, placed(start, B));
      await expect(wrong).rejects.toThrow(ChunkOutOfOrder);
      await expect(wrong).rejects.toMatchObject({ offset: A.length });
      await uploads.append(upload, OWNER, placed(A.length, B));
      await uploads.finish(upload, OWNER, sha256(A + B), undefined);
      expect(await stored(sha256(A + B))).toBe(A + B);
    });

    it('take no last piece that begins elsewhere either, and stay usable', async () => {
      await expect(uploads.finish(upload, OWNER, sha256(small), placed(1, small))).rejects.toThrow(ChunkOutOfOrder);
      await uploads.append(upload, OWNER, placed(0, A));
      await expect(uploads.finish(upload, OWNER, sha256(A + B), placed(1, B))).rejects.toThrow(ChunkOutOfOrder);
      await uploads.finish(upload, OWNER, sha256(A + B), placed(A.length, B));
      expect(await stored(sha256(A + B))).toBe(A + B);
    });

    it('keep what came of a stream that broke off', async () => {
      const broken = { source: breakingOff(A), length: undefined, start: undefined };
      await expect(uploads.append(upload, OWNER, broken)).rejects.toThrow('went away');
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: A.length });
      await uploads.finish(upload, OWNER, sha256(A + B), streamed(B));
      expect(await stored(sha256(A + B))).toBe(A + B);
    });

    it('keep nothing of a placed piece that broke off', async () => {
      await uploads.append(upload, OWNER, placed(0, A));
      const broken = { source: breakingOff(B), length: 2 * B.length, start: A.length };
      await expect(uploads.append(upload, OWNER, broken)).rejects.toThrow('went away');
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: A.length });
      await uploads.append(upload, OWNER, placed(A.length, 'c'));
      await uploads.finish(upload, OWNER, sha256(`${A}c`), undefined);
      expect(await stored(sha256(`${A}c`))).toBe(`${A}c`);
    });

    it('may receive nothing at all', async () => {
      expect(await uploads.append(upload, OWNER, streamed())).toEqual({ offset: 0 });
      await uploads.finish(upload, OWNER, sha256(''), undefined);
      expect(await stored(sha256(''))).toBe('');
    });
  });

  describe('that go on in another process', () => {
    it('are never finished under a digest of bytes that one process received and another replaced', async () => {
      const lost = A.slice(0, B.length).replaceAll('a', 'c');
      const source = breakingOff(lost);
      await expect(uploads.append(upload, OWNER, { source, length: undefined, start: 0 })).rejects.toThrow('went away');
      await process().append(upload, OWNER, placed(0, B));
      await uploads.append(upload, OWNER, placed(B.length, A));
      await expect(uploads.finish(upload, OWNER, sha256(lost + A), undefined)).rejects.toThrow(DigestMismatch);
      expect(await stored(sha256(lost + A))).toBeUndefined();
    });

    it('are known there with all they received', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      expect(await process().status(upload, OWNER)).toEqual({ offset: A.length });
    });

    it('are finished without being read again where one process saw all bytes', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      expect((await record())?.digest).toBe(sha256(A));
      await process().finish(upload, OWNER, sha256(A), undefined);
      expect(await stored(sha256(A))).toBe(A);
    });

    it('are hashed again where none saw them all', async () => {
      const other = process();
      await uploads.append(upload, OWNER, streamed(A));
      await other.append(upload, OWNER, streamed(B));
      expect((await record())?.digest).toBeNull();
      await uploads.append(upload, OWNER, streamed(A));
      await other.finish(upload, OWNER, sha256(A + B + A), undefined);
      expect(await stored(sha256(A + B + A))).toBe(A + B + A);
    });

    it('go on after a restart', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      await world.restart();
      const restarted = process();
      expect(await restarted.status(upload, OWNER)).toEqual({ offset: A.length });
      await restarted.finish(upload, OWNER, sha256(A + B), streamed(B));
      expect(await stored(sha256(A + B))).toBe(A + B);
    });
  });

  describe('that two feed at the same time', () => {
    it('take one of them, and tell the other where they are now', async () => {
      const feeding = [placed(0, A), placed(0, B), streamed(B)].map((chunk) => uploads.append(upload, OWNER, chunk));
      const outcomes = await Promise.allSettled(feeding);
      const lost = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
      expect(lost.every((error) => error instanceof ChunkOutOfOrder)).toBe(true);
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: 100_000 });
    });

    it('never have the digest of one and the bytes of the other', async () => {
      // The first one's bytes are staged; the second one comes before the first one's record is written.
      const { operational } = world.stores;
      const others: Promise<unknown>[] = [];
      const [reached, firstWritten] = [signal(), signal()];
      const racing = process({
        get: (...call) => operational.get(...call),
        getMany: (...call) => operational.getMany(...call),
        list: (...call) => operational.list(...call),
        due: (...call) => operational.due(...call),
        write: async (writes) => {
          if (others.length > 0) {
            reached.give();
            await firstWritten.given;
            return operational.write(writes);
          }
          others.push(racing.append(upload, OWNER, placed(0, B)).catch((error: unknown) => error));
          await Promise.race([...others, reached.given]);
          await operational.write(writes).finally(firstWritten.give);
        },
      });
      await racing.append(upload, OWNER, placed(0, A));
      expect(await others[0]).toBeInstanceOf(ChunkOutOfOrder);
      await racing.finish(upload, OWNER, sha256(A), undefined);
      expect(await stored(sha256(A))).toBe(A);
    });

    it('are not finished by one while the other feeds them', async () => {
      const goOn = signal();
      await uploads.append(upload, OWNER, streamed(A));
      const feeding = uploads.append(upload, OWNER, {
        source: slow(goOn.given, B),
        length: undefined,
        start: undefined,
      });
      await expect(uploads.finish(upload, OWNER, sha256(A), undefined)).rejects.toThrow(ChunkOutOfOrder);
      goOn.give();
      await feeding;
      await uploads.finish(upload, OWNER, sha256(A + B), undefined);
      expect(await stored(sha256(A + B))).toBe(A + B);
    });

    it('can be cancelled meanwhile', async () => {
      const goOn = signal();
      const feeding = uploads.append(upload, OWNER, {
        source: slow(goOn.given, B),
        length: undefined,
        start: undefined,
      });
      await uploads.cancel(upload, OWNER);
      goOn.give();
      await expect(feeding).rejects.toThrow(UploadUnknown);
      await expect(uploads.status(upload, OWNER)).rejects.toThrow(UploadUnknown);
    });
  });
});
