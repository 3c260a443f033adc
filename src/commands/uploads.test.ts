import { createHash, hash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock, World } from '../../test/support/world.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { UploadId } from '../ports/blobStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Contents } from './contents.js';
import { UploadIds, type UploadOwner } from './uploadIds.js';
import {
  BlobTooLarge,
  ChunkOutOfOrder,
  DigestMismatch,
  Uploads,
  UploadUnknown,
  type Chunk,
  type UploadRecord,
} from './uploads.js';
import { TooManyUploads, UploadsInFlight } from './uploadsInFlight.js';
import { chunks } from '../../test/support/chunks.js';

const OWNER: UploadOwner = { repositoryId: 'repository' as RepositoryId, subject: 'user:ada' };
const MAXIMUM = 400_000;
const LIFETIME = 3_600;

const sha256 = (text: string): Digest => digestOf('sha256', hash('sha256', text));
const sha512 = (text: string): Digest => digestOf('sha512', createHash('sha512').update(text).digest('hex'));

const source = (...texts: string[]): AsyncIterable<Uint8Array> => chunks(...texts.map((text) => Buffer.from(text)));

/** A client that streams, without saying where it begins or how much it brings. */
const streamed = (...texts: string[]): Chunk => ({ source: source(...texts), length: undefined, start: undefined });
/** A client that says where its piece begins. */
const placed = (start: number, text: string): Chunk => ({ source: source(text), length: text.length, start });

async function* breakingOff(...texts: string[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* source(...texts);
  throw new Error('the client went away');
}

async function* slow(goOn: Promise<void>, text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.from(text);
  await goOn;
}

/** Something that one waits for and another gives. */
function signal(): { readonly given: Promise<void>; readonly give: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    given: promise,
    give: () => {
      resolve(undefined);
    },
  };
}

describe('uploads', () => {
  let world: World;
  let clock: TestClock;
  let uploads: Uploads;
  let upload: UploadId;
  /** More than is taken into memory in one go; other bytes in each test, because the stores remember. */
  let [A, B, small] = ['', '', ''];
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    clock = new TestClock();
    const mark = (++tests).toString().padStart(10, '0');
    [A, B, small] = [
      mark.replaceAll('0', 'a').repeat(10_000),
      mark.replaceAll('0', 'b').repeat(10_000),
      `small ${mark}`,
    ];
    uploads = process();
    upload = await uploads.begin(OWNER);
  });

  /** The uploads of one process more on the same stores. */
  const process = (operational: OperationalStore = world.stores.operational, limit = 100): Uploads => {
    const { ids } = world;
    const { blobs } = world.stores;
    const contents = new Contents({ blobs, operational, clock, ids, holdSeconds: 3_600, oneWriter: true });
    const own = { ids: new UploadIds(Buffer.alloc(32, 1)), inFlight: new UploadsInFlight(limit, operational) };
    return new Uploads({
      blobs,
      operational,
      contents,
      clock,
      ...own,
      maximumBytes: MAXIMUM,
      lifetimeSeconds: LIFETIME,
    });
  };
  const contents = (): Contents => {
    const { ids } = world;
    const { blobs, operational } = world.stores;
    return new Contents({ blobs, operational, clock, ids, holdSeconds: 3_600, oneWriter: true });
  };
  const stored = async (digest: Digest): Promise<string | undefined> => {
    const content = await contents().locate(digest);
    return content && Buffer.from(await world.stores.blobs.read(content)).toString();
  };
  const heldUntil = (digest: Digest) => contents().heldUntil(OWNER.repositoryId, digest);
  const record = async () => (await world.stores.operational.get<UploadRecord>('uploads', upload))?.value;
  /** Whether the upload has left bytes that are no content. */
  const isStaged = async (): Promise<boolean> => {
    for await (const id of world.stores.blobs.listUploads()) if (id === upload) return true;
    return false;
  };

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
