import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentKey } from '../../ports/blobStore.js';
import { ContentMissing, OffsetConflict } from '../../ports/errors.js';
import { openLog, type Log } from '../sqlite/log.js';
import { FileSystemBlobStore } from './filesystem.js';
import { Layout, smallKeyOf } from './layout.js';
import { brokenAfter, chunksOf, collect, everyOf, freshUpload, keyOf } from './sampleContents.js';
import { SqliteSmallContents } from './sqliteSmallContents.js';

const KIB = 1024;

describe('FileSystemBlobStore with a small content store', () => {
  let root: string;
  let layout: Layout;
  let store: FileSystemBlobStore;
  let log: Log;
  let small: SqliteSmallContents;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidemark-small-'));
    layout = new Layout(root);
    log = await openLog(join(root, 'log.sqlite'));
    small = new SqliteSmallContents(log);
    store = new FileSystemBlobStore(root, small);
  });

  afterEach(async () => {
    await log.close();
    await rm(root, { recursive: true });
  });

  const put = async (bytes: Uint8Array): Promise<ContentKey> => {
    const key = keyOf(bytes);
    await store.put(key, bytes);
    return key;
  };

  it('makes no file for what is small, and one for what is not', async () => {
    const little = await put(randomBytes(64 * KIB));
    const large = await put(randomBytes(64 * KIB + 1));
    expect(small.get(smallKeyOf(little))?.byteLength).toBe(64 * KIB);
    expect(existsSync(layout.content(little))).toBe(false);
    expect(small.get(smallKeyOf(large))).toBeUndefined();
    expect(existsSync(layout.content(large))).toBe(true);
  });

  it('makes no file for a small upload either', async () => {
    const bytes = randomBytes(100);
    const upload = freshUpload();
    const key = keyOf(bytes);
    expect(await store.append(upload, 0, chunksOf(bytes.subarray(0, 60), 7))).toBe(60);
    expect(await store.append(upload, 60, chunksOf(bytes.subarray(60)))).toBe(100);
    expect(await everyOf(store.listUploads())).toEqual([upload]);
    expect(existsSync(layout.uploads)).toBe(false);
    await store.finish(upload, key, 100);
    expect(small.get(smallKeyOf(key))).toEqual(bytes);
    expect(await everyOf(store.listUploads())).toEqual([]);
    expect(await everyOf(store.list())).toEqual([{ ...key, size: 100 }]);
  });

  it('moves an upload to a file when it grows, in one call or in several', async () => {
    const bytes = randomBytes(300 * KIB);
    for (const first of [0, 1, 64 * KIB, 64 * KIB + 1]) {
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes.subarray(0, first), 1000));
      expect(existsSync(layout.upload(upload))).toBe(first > 64 * KIB);
      expect(await store.append(upload, first, chunksOf(bytes.subarray(first), 1000))).toBe(bytes.byteLength);
      expect(await everyOf(store.listUploads())).toEqual([upload]);
      expect(existsSync(layout.upload(upload))).toBe(true);
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      expect(Buffer.from(await store.read(key)).equals(bytes)).toBe(true);
      expect(await everyOf(store.listUploads())).toEqual([]);
    }
  });

  it('goes by the small upload until it has moved for good', async () => {
    const bytes = randomBytes(300 * KIB);
    const upload = freshUpload();
    await store.append(upload, 0, chunksOf(bytes.subarray(0, 100)));
    // Nobody is told what was kept, so the bytes that reached the file do not count.
    await expect(store.append(upload, 100, brokenAfter(bytes.subarray(100)))).rejects.toThrow('went away');
    expect(existsSync(layout.upload(upload))).toBe(true);
    expect(await everyOf(store.listUploads())).toEqual([upload]);
    await expect(store.append(upload, 101, chunksOf(bytes))).rejects.toThrow(OffsetConflict);
    expect(await store.append(upload, 100, chunksOf(bytes.subarray(100, 200)))).toBe(200);
    const key = keyOf(bytes.subarray(0, 200));
    await store.finish(upload, key, 200);
    expect(Buffer.from(await store.read(key)).equals(bytes.subarray(0, 200))).toBe(true);
    expect(await readdir(layout.uploads)).toEqual([]);
  });

  it.each([50 * KIB, 300 * KIB])('keeps what came of %d bytes before the source failed', async (size) => {
    const bytes = randomBytes(size);
    const upload = freshUpload();
    await store.append(upload, 0, chunksOf(bytes.subarray(0, 100)));
    let end = 0;
    const note = (kept: number): Promise<void> => {
      end = kept;
      return Promise.resolve();
    };
    await expect(store.append(upload, 100, brokenAfter(bytes.subarray(100), 1000), note)).rejects.toThrow('went away');
    expect(end).toBe(size);
    expect((await collect(store.readUpload(upload, size))).equals(bytes)).toBe(true);
    await expect(collect(store.readUpload(upload, size + 1))).rejects.toThrow(OffsetConflict);
    await store.abort(upload);
    expect(await everyOf(store.listUploads())).toEqual([]);
  });

  it('tells its source to stop when it needs no more of it', async () => {
    let stopped = false;
    const source = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        yield* chunksOf(randomBytes(200 * KIB));
      } finally {
        stopped = true;
      }
    };
    const upload = freshUpload();
    await mkdir(layout.upload(upload), { recursive: true });
    await expect(store.append(upload, 0, source())).rejects.toThrow('EISDIR');
    expect(stopped).toBe(true);
  });

  it('still finds small files that were stored before it had a database', async () => {
    const bytes = randomBytes(100);
    const key = keyOf(bytes);
    await new FileSystemBlobStore(root).put(key, bytes);
    expect(Buffer.from(await store.read(key))).toEqual(bytes);
    expect(await store.stat(key)).toBe(100);
    await store.delete(key);
    await expect(store.read(key)).rejects.toThrow(ContentMissing);
  });
});
