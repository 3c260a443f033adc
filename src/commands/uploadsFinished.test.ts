import { describe, expect, it } from '@jest/globals';
import {
  A,
  B,
  OWNER,
  heldUntil,
  isStaged,
  placed,
  process,
  record,
  sha256,
  sha512,
  small,
  stored,
  streamed,
  upload,
  uploads,
  uploadsUnderTest,
  world,
} from '../../test/support/uploadsUnderTest.js';
import { DigestMismatch, UploadUnknown, type Chunk } from './uploads.js';

describe('uploads', () => {
  uploadsUnderTest();

  describe('of another algorithm', () => {
    it('are hashed again when it is told only at the end', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      await uploads.finish(upload, OWNER, sha512(A), undefined);
      expect(await stored(sha512(A))).toBe(A);
      expect(await stored(sha256(A))).toBeUndefined();
    });

    it('are hashed while they come in when it is told before', async () => {
      await uploads.append(upload, OWNER, streamed(A), 'sha512');
      await uploads.append(upload, OWNER, streamed(B));
      expect((await record())?.digest).toBe(sha512(A + B));
      await uploads.finish(upload, OWNER, sha512(A + B), undefined);
      expect(await stored(sha512(A + B))).toBe(A + B);
    });

    it('can be had in one piece', async () => {
      await uploads.storeWhole(OWNER, sha512(small), placed(0, small));
      await uploads.storeWhole(OWNER, sha512(A), streamed(A));
      expect(await stored(sha512(small))).toBe(small);
      expect(await stored(sha512(A))).toBe(A);
    });
  });

  describe('that are finished', () => {
    it.each<[string, boolean]>([
      ['in one piece', true],
      ['from what they received', false],
    ])('are known no more: %s', async (_, whole) => {
      const text = whole ? small : A;
      const last = whole ? placed(0, text) : undefined;
      if (!last) await uploads.append(upload, OWNER, streamed(text));
      await uploads.finish(upload, OWNER, sha256(text), last);
      expect(await stored(sha256(text))).toBe(text);
      await expect(uploads.finish(upload, OWNER, sha256(text), last)).rejects.toThrow(UploadUnknown);
      await expect(process().status(upload, OWNER)).rejects.toThrow(UploadUnknown);
      expect(await isStaged()).toBe(false);
    });

    it.each<[string, () => Chunk | undefined, () => Chunk | undefined]>([
      ['in one small piece', () => undefined, () => placed(0, small)],
      ['in one large piece', () => undefined, () => streamed(B)],
      ['from what they received', () => streamed(B), () => undefined],
    ])('under a digest that is not theirs end, and store nothing: %s', async (_, first, last) => {
      const chunk = first();
      if (chunk) await uploads.append(upload, OWNER, chunk);
      await expect(uploads.finish(upload, OWNER, sha256(A), last())).rejects.toThrow(DigestMismatch);
      expect(await stored(sha256(A))).toBeUndefined();
      expect(await heldUntil(sha256(A))).toBeUndefined();
      await expect(uploads.status(upload, OWNER)).rejects.toThrow(UploadUnknown);
      expect(await isStaged()).toBe(false);
    });

    it('with bytes that are there already store nothing twice', async () => {
      await uploads.storeWhole(OWNER, sha256(A), streamed(A));
      await uploads.append(upload, OWNER, streamed(A));
      await uploads.finish(upload, OWNER, sha256(A), undefined);
      let count = 0;
      for await (const { digest } of world.stores.blobs.list()) if (digest === sha256(A)) count++;
      expect(count).toBe(1);
      expect(await isStaged()).toBe(false);
    });
  });
});
