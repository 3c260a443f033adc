import { describe, expect, it } from '@jest/globals';
import {
  A,
  B,
  LIFETIME,
  MAXIMUM,
  OWNER,
  clock,
  isStaged,
  placed,
  process,
  record,
  sha256,
  small,
  source,
  streamed,
  upload,
  uploads,
  uploadsUnderTest,
  world,
} from '../../test/support/uploadsUnderTest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { UploadId } from '../ports/blobStore.js';
import type { UploadOwner } from './uploadIds.js';
import { BlobTooLarge, UploadUnknown, type Chunk, type Uploads } from './uploads.js';
import { TooManyUploads, UploadsInFlight } from './uploadsInFlight.js';

describe('uploads', () => {
  uploadsUnderTest();

  describe('that are begun', () => {
    it('have no bytes and leave nothing behind', async () => {
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: 0 });
      expect(await record()).toBeUndefined();
      expect(await isStaged()).toBe(false);
    });

    it('are known to their owner alone', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      const strangers: UploadOwner[] = [
        { ...OWNER, repositoryId: 'another' as RepositoryId },
        { ...OWNER, subject: 'user:eve' },
        { repositoryId: `${OWNER.repositoryId}\0user` as RepositoryId, subject: 'ada' },
      ];
      for (const stranger of strangers) {
        await expect(uploads.status(upload, stranger)).rejects.toThrow(UploadUnknown);
        await expect(uploads.append(upload, stranger, streamed(B))).rejects.toThrow(UploadUnknown);
        await expect(uploads.finish(upload, stranger, sha256(A), undefined)).rejects.toThrow(UploadUnknown);
        await expect(uploads.cancel(upload, stranger)).rejects.toThrow(UploadUnknown);
      }
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: A.length });
    });

    it.each(['', 'x', '../../etc/passwd', '01890a5d-ac96-7000-8000-000000000001'])(
      'are not those of id %j',
      async (id) => {
        await expect(uploads.status(id, OWNER)).rejects.toThrow(UploadUnknown);
      },
    );

    it('are not those whose id was changed in any digit', async () => {
      for (let at = 0; at < upload.length; at++) {
        const digit = upload[at];
        if (digit === '-') continue;
        const changed = upload.slice(0, at) + (digit === '0' ? '1' : '0') + upload.slice(at + 1);
        await expect(uploads.status(changed, OWNER)).rejects.toThrow(UploadUnknown);
      }
    });

    it('end with their time, whatever they received', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      clock.pass(LIFETIME - 1);
      expect(await uploads.status(upload, OWNER)).toEqual({ offset: A.length });
      clock.pass(1);
      await expect(uploads.status(upload, OWNER)).rejects.toThrow(UploadUnknown);
      await expect(uploads.append(upload, OWNER, streamed(B))).rejects.toThrow(UploadUnknown);
    });
  });

  describe('that are cancelled', () => {
    it('are known no more, and their bytes are gone', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      await uploads.cancel(upload, OWNER);
      expect(await isStaged()).toBe(false);
      await expect(uploads.cancel(upload, OWNER)).rejects.toThrow(UploadUnknown);
      await expect(uploads.append(upload, OWNER, streamed(A))).rejects.toThrow(UploadUnknown);
    });

    it('before they received anything do not come to life again', async () => {
      await uploads.cancel(upload, OWNER);
      await expect(process().append(upload, OWNER, streamed(A))).rejects.toThrow(UploadUnknown);
    });
  });

  describe('that are too large', () => {
    it.each<[string, () => Chunk]>([
      ['by what they announce', () => ({ source: source(A), length: MAXIMUM + 1, start: undefined })],
      ['by what they bring', () => streamed(A, A, A, A, 'x')],
      ['by what they bring beside what they announce', () => ({ ...streamed(A, A, A, A, 'x'), length: 5, start: 0 })],
    ])('end: %s', async (_, chunk) => {
      await expect(uploads.append(upload, OWNER, chunk())).rejects.toThrow(BlobTooLarge);
      await expect(uploads.status(upload, OWNER)).rejects.toThrow(UploadUnknown);
      expect(await isStaged()).toBe(false);
    });

    it('end with the piece that is too much', async () => {
      await uploads.append(upload, OWNER, streamed(A, A, A));
      await uploads.append(upload, OWNER, streamed(A));
      await expect(uploads.append(upload, OWNER, streamed('x'))).rejects.toThrow(BlobTooLarge);
      await expect(uploads.status(upload, OWNER)).rejects.toThrow(UploadUnknown);
    });
  });

  describe('that are unfinished', () => {
    it('are limited for each subject, by those that hold bytes', async () => {
      const limited = process(undefined, 2);
      const [one, two] = [await limited.begin(OWNER), await limited.begin(OWNER)];
      await limited.append(one, OWNER, streamed(A));
      await expect(limited.begin(OWNER)).resolves.toBeDefined();
      await limited.append(two, OWNER, streamed(A));
      await expect(limited.begin(OWNER)).rejects.toThrow(TooManyUploads);
      await expect(limited.begin({ ...OWNER, subject: 'user:eve' })).resolves.toBeDefined();
    });

    it.each<[string, (limited: Uploads, id: UploadId) => Promise<unknown>]>([
      ['finished', (limited, id) => limited.finish(id, OWNER, sha256(A), streamed(A))],
      ['finished with one small piece', (limited, id) => limited.finish(id, OWNER, sha256(small), placed(0, small))],
      ['refused', (limited, id) => limited.finish(id, OWNER, sha256(B), placed(0, small)).catch(() => undefined)],
      ['cancelled', (limited, id) => limited.cancel(id, OWNER)],
    ])('make room when they are %s', async (_, end) => {
      const limited = process(undefined, 1);
      const id = await limited.begin(OWNER);
      await limited.append(id, OWNER, streamed());
      await expect(limited.begin(OWNER)).rejects.toThrow(TooManyUploads);
      await end(limited, id);
      await expect(limited.begin(OWNER)).resolves.toBeDefined();
    });

    it('make room when their time is over', async () => {
      const limited = process(undefined, 1);
      await limited.append(await limited.begin(OWNER), OWNER, streamed(A));
      clock.pass(LIFETIME);
      await expect(limited.begin(OWNER)).resolves.toBeDefined();
    });

    it('are counted again after a restart', async () => {
      await uploads.append(upload, OWNER, streamed(A));
      const inFlight = new UploadsInFlight(1, world.stores.operational);
      await expect(inFlight.check(OWNER.subject, clock.now())).resolves.toBeUndefined();
      await inFlight.load();
      await expect(inFlight.check(OWNER.subject, clock.now())).rejects.toThrow(TooManyUploads);
    });

    it('make room when they ended in another process, which is looked up once in a while', async () => {
      const [limited, other] = [process(undefined, 2), process()];
      const [one, two] = [await limited.begin(OWNER), await limited.begin(OWNER)];
      await limited.append(one, OWNER, streamed(A));
      await limited.append(two, OWNER, streamed(A));
      await expect(limited.begin(OWNER)).rejects.toThrow(TooManyUploads);
      await other.cancel(one, OWNER);
      await expect(limited.begin(OWNER)).rejects.toThrow(TooManyUploads);
      clock.pass(5);
      await limited.append(await limited.begin(OWNER), OWNER, streamed(A));
      await expect(limited.begin(OWNER)).rejects.toThrow(TooManyUploads);
    });

    it('are counted from their first byte on, of whichever many at once', async () => {
      const limited = process(undefined, 2);
      const ids = await Promise.all(Array.from({ length: 5 }, () => limited.begin(OWNER)));
      const results = await Promise.allSettled(ids.map((id) => limited.append(id, OWNER, streamed(A))));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
      for (const result of results) {
        if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(TooManyUploads);
      }
    });
  });
});
