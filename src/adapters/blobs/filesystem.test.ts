import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Generation, UploadId } from '../../ports/blobStore.js';
import { OffsetConflict } from '../../ports/errors.js';
import { blobStoreContract } from './contract.js';
import { FileSystemBlobStore } from './filesystem.js';
import { Layout } from './layout.js';
import { openLog } from '../sqlite/log.js';
import { brokenAfter, chunksOf, collect, everyOf, freshUpload, keyOf } from './sampleContents.js';
import { SqliteSmallContents } from './sqliteSmallContents.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const DAY_MS = 24 * 60 * 60 * 1000;

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tidemark-blobs-'));

blobStoreContract('file system, files only', async () => {
  const parent = await folder();
  return {
    store: new FileSystemBlobStore(join(parent, 'not', 'there', 'yet')),
    close: () => rm(parent, { recursive: true }),
  };
});

blobStoreContract('file system, small contents in a database', async () => {
  const root = await folder();
  const log = await openLog(join(root, 'log.sqlite'));
  const small = new SqliteSmallContents(log);
  return {
    store: new FileSystemBlobStore(join(root, 'blobs'), small),
    close: async () => {
      await log.close();
      await rm(root, { recursive: true });
    },
  };
});

/** How many file descriptors of this process lead below a folder. */
async function openBelow(root: string): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target.startsWith(root)).length;
}
const whereProc = existsSync('/proc/self/fd') ? it : it.skip;

describe('FileSystemBlobStore', () => {
  let root: string;
  let store: FileSystemBlobStore;
  let layout: Layout;

  beforeEach(async () => {
    root = await folder();
    store = new FileSystemBlobStore(root);
    layout = new Layout(root);
  });

  afterEach(() => rm(root, { recursive: true }));

  const put = async (bytes: Uint8Array): Promise<ReturnType<typeof keyOf>> => {
    const key = keyOf(bytes);
    await store.put(key, bytes);
    return key;
  };

  it('lays contents out as algorithm, two hex digits, hash, generation', async () => {
    const key = await put(Buffer.from('hello'));
    const hex = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(await readFile(join(root, 'sha256', '2c', hex, key.generation), 'utf8')).toBe('hello');
  });

  it('removes the folder of a digest with its last generation', async () => {
    const bytes = randomBytes(10);
    const [one, two] = [await put(bytes), await put(bytes)];
    await store.delete(one);
    expect(await readdir(layout.generations(two))).toEqual([two.generation]);
    await store.delete(two);
    expect(existsSync(layout.generations(two))).toBe(false);
    expect(existsSync(layout.fanOut(two))).toBe(true);
  });

  it('refuses names that would leave its folders', async () => {
    const escaping = '../escaped';
    await expect(store.append(escaping as UploadId, 0, chunksOf(randomBytes(1)))).rejects.toThrow(RangeError);
    const key = { ...keyOf(randomBytes(1)), generation: escaping as Generation };
    await expect(store.put(key, randomBytes(1))).rejects.toThrow(RangeError);
  });

  describe('appending', () => {
    /** A source that waits in the middle until it is let go. */
    const held = (bytes: Uint8Array): { source: AsyncIterable<Uint8Array>; reached: Promise<void>; go: () => void } => {
      const reached = Promise.withResolvers<undefined>();
      const gate = Promise.withResolvers<undefined>();
      const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        yield bytes;
        reached.resolve(undefined);
        await gate.promise;
        yield bytes;
      };
      return { source: source(), reached: reached.promise, go: gate.resolve.bind(gate, undefined) };
    };

    it('refuses to work on an upload that another call is working on', async () => {
      const upload = freshUpload();
      const bytes = randomBytes(1000);
      const { source, reached, go } = held(bytes);
      const first = store.append(upload, 0, source);
      await reached;
      await expect(store.append(upload, 0, chunksOf(bytes))).rejects.toThrow(OffsetConflict);
      await expect(store.finish(upload, keyOf(bytes), 0)).rejects.toThrow(OffsetConflict);
      go();
      expect(await first).toBe(2000);
      expect(await store.append(upload, 2000, chunksOf(bytes))).toBe(3000);
    });

    it('takes up an upload again after its source failed', async () => {
      const upload = freshUpload();
      await expect(store.append(upload, 0, brokenAfter(randomBytes(10)))).rejects.toThrow('went away');
      expect(await store.append(upload, 10, chunksOf(randomBytes(5)))).toBe(15);
    });

    it('rethrows the failure of its source even if nobody could be told what was kept', async () => {
      const untold = store.append(freshUpload(), 0, brokenAfter(randomBytes(10)), () =>
        Promise.reject(new Error('the session store is away')),
      );
      await expect(untold).rejects.toThrow('the client went away');
    });

    it.each([1, 700, 64 * KIB, 5 * MIB])('writes chunks of %d bytes in order', async (size) => {
      const bytes = randomBytes(size === 1 ? 5000 : 37 * MIB + 1);
      const upload = freshUpload();
      expect(await store.append(upload, 0, chunksOf(bytes, size))).toBe(bytes.byteLength);
      const written = await readFile(layout.upload(upload));
      expect(written.equals(bytes)).toBe(true);
    });

    it('stops its source and leaves nothing open when the disk refuses', async () => {
      // A folder stands where the file should go: as good as a disk that refuses.
      const upload = freshUpload();
      await mkdir(layout.upload(upload), { recursive: true });
      await expect(store.append(upload, 0, chunksOf(randomBytes(10)))).rejects.toThrow('EISDIR');
    });

    whereProc('closes the file whether the source ends or fails', async () => {
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(randomBytes(3 * MIB)));
      await expect(store.append(upload, 100, brokenAfter(randomBytes(MIB)))).rejects.toThrow('went away');
      await expect(store.append(upload, 5 * MIB, chunksOf(randomBytes(1)))).rejects.toThrow(OffsetConflict);
      expect(await openBelow(root)).toBe(0);
    });
  });

  describe('after a crash', () => {
    it('does not touch a content whose upload kept its name', async () => {
      const bytes = randomBytes(200 * KIB);
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes));
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      await link(layout.content(key), layout.upload(upload));

      const restarted = new FileSystemBlobStore(root);
      expect(await restarted.append(upload, 10, chunksOf(Buffer.from('something else')))).toBe(24);
      expect(Buffer.from(await restarted.read(key)).equals(bytes)).toBe(true);
      expect((await stat(layout.upload(upload))).nlink).toBe(1);
      expect((await collect(restarted.readUpload(upload, 24))).subarray(10).toString()).toBe('something else');
      expect(await readdir(layout.temporary)).toEqual([]);
    });

    it('finishes again what was finished before', async () => {
      const bytes = randomBytes(200 * KIB);
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes));
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      await link(layout.content(key), layout.upload(upload));
      await store.finish(upload, key, bytes.byteLength);
      expect(Buffer.from(await store.read(key)).equals(bytes)).toBe(true);
      expect(await readdir(layout.uploads)).toEqual([]);
    });

    it('neither lists nor keeps half-written files, but leaves those alone that are in use', async () => {
      const key = await put(randomBytes(10));
      const [old, young] = [join(layout.temporary, 'old'), join(layout.temporary, 'young')];
      await writeFile(old, 'half');
      await writeFile(young, 'half');
      const now = Date.now();
      await utimes(old, now / 1000, (now - 2 * DAY_MS) / 1000);
      await writeFile(join(dirname(layout.generations(key)), 'stray'), 'not ours');

      const listed = await everyOf(store.list());
      expect(listed).toEqual([{ ...key, size: 10 }]);
      expect(await store.sweepLeftovers(now)).toBe(1);
      expect(await readdir(layout.temporary)).toEqual(['young']);
    });
  });

  describe('streaming', () => {
    it('refuses a range that does not lie within the content', async () => {
      const key = await put(randomBytes(100));
      for (const [start, end] of [
        [0, 100],
        [50, 49],
        [-1, 10],
      ] as const) {
        await expect(store.stream(key, { start, end })).rejects.toThrow(RangeError);
      }
    });

    it('gives every chunk a buffer of its own', async () => {
      const bytes = randomBytes(3 * MIB);
      const key = await put(bytes);
      const chunks = await everyOf(await store.stream(key));
      expect(chunks.length).toBeGreaterThan(1);
      expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    });

    it('lends chunks that are good until the next one is asked for', async () => {
      const bytes = randomBytes(5 * MIB + 1);
      const key = await put(bytes);
      const memory = new Set<ArrayBufferLike>();
      const copies: Buffer[] = [];
      for await (const chunk of await store.streamLent(key, { start: 7, end: 5 * MIB })) {
        memory.add(chunk.buffer);
        copies.push(Buffer.from(chunk));
      }
      expect(Buffer.concat(copies).equals(bytes.subarray(7))).toBe(true);
      expect(memory.size).toBe(2);
    });

    it('goes on to the end after the content was deleted', async () => {
      const bytes = randomBytes(3 * MIB);
      const key = await put(bytes);
      const stream = await store.stream(key);
      await store.delete(key);
      expect((await collect(stream)).equals(bytes)).toBe(true);
    });

    whereProc('closes the file at the end, on an early stop, on a throw, and if it was never begun', async () => {
      const key = await put(randomBytes(3 * MIB));
      await collect(await store.stream(key));
      expect(await openBelow(root)).toBe(0);

      for await (const chunk of await store.stream(key)) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
      expect(await openBelow(root)).toBe(0);

      const failing = async (): Promise<void> => {
        for await (const chunk of await store.stream(key)) throw new Error(`no use for ${chunk.byteLength} bytes`);
      };
      await expect(failing()).rejects.toThrow('no use for');
      expect(await openBelow(root)).toBe(0);

      const unread = await store.stream(key);
      expect(await openBelow(root)).toBe(1);
      await unread[Symbol.asyncIterator]().return?.();
      expect(await openBelow(root)).toBe(0);
    });

    whereProc('closes the file of an upload that is read and of a range that was wrong', async () => {
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(randomBytes(3 * MIB)));
      for await (const chunk of store.readUpload(upload, 3 * MIB)) {
        expect(chunk.byteLength).toBeGreaterThan(0);
        break;
      }
      await expect(collect(store.readUpload(upload, 4 * MIB))).rejects.toThrow(OffsetConflict);
      const key = await put(randomBytes(100));
      await expect(store.stream(key, { start: 0, end: 100 })).rejects.toThrow(RangeError);
      expect(await openBelow(root)).toBe(0);
    });
  });
});
