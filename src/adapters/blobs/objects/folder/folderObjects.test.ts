import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ContentMissing } from '../../../../ports/errors.js';
import { blobStoreContract } from '../../contract.js';
import { collect, everyOf } from '../../sampleContents.js';
import { sharedBlobStoreContract } from '../../sharedContract.js';
import { ObjectBlobStore } from '../objectBlobStore.js';
import type { Version } from '../objectStore.js';
import { FolderObjects } from './folderObjects.js';

const temporaryFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-shared-'));
  return { folder, close: () => rm(folder, { recursive: true }) };
};

blobStoreContract('a folder for several processes', async () => {
  const { folder, close } = await temporaryFolder();
  return { store: new ObjectBlobStore(new FolderObjects(join(folder, 'blobs')), ''), close };
});

sharedBlobStoreContract('a folder, two stores', async () => {
  const { folder, close } = await temporaryFolder();
  const open = (): ObjectBlobStore => new ObjectBlobStore(new FolderObjects(folder), '');
  return { stores: [open(), open()], close };
});

describe('objects in a folder', () => {
  let folder: string;
  let close: () => Promise<void>;
  let objects: FolderObjects;
  let other: FolderObjects;
  beforeEach(async () => {
    ({ folder, close } = await temporaryFolder());
    [objects, other] = [new FolderObjects(folder), new FolderObjects(folder)];
  });
  afterEach(() => close());

  const text = (value: string): Uint8Array => Buffer.from(value);
  const present = async (name: string): Promise<string | undefined> => (await other.get(name))?.bytes.toString();
  const versionOf = async (name: string): Promise<Version> => {
    const found = await objects.get(name);
    if (!found) throw new Error(`${name} is not there`);
    return found.version;
  };

  it('lets nobody go on from a version that was replaced twice, though its successor is cleared away', async () => {
    await objects.putIf('uploads/a/state', text('1'), null);
    const first = await versionOf('uploads/a/state');
    await objects.putIf('uploads/a/state', text('2'), first);
    await objects.putIf('uploads/a/state', text('3'), await versionOf('uploads/a/state'));
    expect(await other.putIf('uploads/a/state', text('lost'), first)).toBe(false);
    expect(await present('uploads/a/state')).toBe('3');
  });

  it('lets nobody go on from a version of an object that was removed and made again', async () => {
    await objects.putIf('uploads/a/state', text('1'), null);
    const first = await versionOf('uploads/a/state');
    await other.removeIf('uploads/a/state', first);
    expect(await objects.putIf('uploads/a/state', text('lost'), first)).toBe(false);
    expect(await other.putIf('uploads/a/state', text('new'), null)).toBe(true);
    expect(await objects.putIf('uploads/a/state', text('lost'), first)).toBe(false);
    expect(await objects.removeIf('uploads/a/state', first)).toBe(false);
    expect(await present('uploads/a/state')).toBe('new');
  });

  it('makes an object once when many want to make it', async () => {
    const all = Array.from({ length: 12 }, (_, index) =>
      (index % 2 ? objects : other).putIf('proof/one', text(`${index}`), null),
    );
    const won = (await Promise.all(all)).flatMap((yes, index) => (yes ? [`${index}`] : []));
    expect(won).toEqual([await present('proof/one')]);
  });

  it('loses no change of many that go on from one another', async () => {
    await objects.putIf('uploads/a/state', text(''), null);
    const worker = async (store: FolderObjects): Promise<string[]> => {
      const written: string[] = [];
      while (written.length < 20) {
        const found = await store.get('uploads/a/state');
        if (!found) throw new Error('the object is gone');
        const token = randomUUID();
        const changed = text(`${Buffer.from(found.bytes).toString()}${token}\n`);
        if (await store.putIf('uploads/a/state', changed, found.version)) written.push(token);
      }
      return written;
    };
    const written = (await Promise.all([objects, other, objects, other].map(worker))).flat();
    const tokens = (await present('uploads/a/state'))?.trim().split('\n') ?? [];
    expect(new Set(tokens).size).toBe(tokens.length);
    expect(tokens).toEqual(expect.arrayContaining(written));
  });

  it('puts things into a folder that another process removes as soon as it is empty', async () => {
    const bytes = randomBytes(100);
    const rounds = async (store: FolderObjects): Promise<void> => {
      for (let round = 0; round < 40; round += 1) {
        const name = `sha256/ab/cd/${randomUUID()}`;
        await store.put(name, bytes);
        expect(await store.size(name)).toBe(100);
        await store.remove(name);
      }
    };
    await Promise.all([rounds(objects), rounds(other), rounds(objects)]);
    expect(await readdir(join(folder, 'sha256/ab'))).toEqual([]);
  });

  it('gives one piece a second name, and copies where there are several', async () => {
    const [first, second] = [randomBytes(2_000_000), randomBytes(3_000)];
    await objects.put('uploads/a/x.0', first);
    await objects.put('uploads/a/x.1', second);
    const [one, two] = [
      { name: 'uploads/a/x.0', size: first.byteLength },
      { name: 'uploads/a/x.1', size: second.byteLength },
    ];
    await objects.join([one], 'sha256/aa/bb/one');
    expect((await stat(join(folder, 'sha256/aa/bb/one'))).ino).toBe((await stat(join(folder, one.name))).ino);
    // A repetition.
    await objects.join([one], 'sha256/aa/bb/one');
    await objects.join([one, two, two], 'sha256/aa/bb/both');
    const opened = await other.open('sha256/aa/bb/both');
    const joined = opened ? await collect(opened.body) : Buffer.alloc(0);
    expect(Buffer.compare(joined, Buffer.concat([first, second, second]))).toBe(0);
    await expect(objects.join([{ name: 'uploads/a/gone.0', size: 1 }], 'sha256/aa/bb/three')).rejects.toThrow(
      ContentMissing,
    );
    expect(await readdir(join(folder, 'temporary'))).toEqual([]);
  });

  it('lists what is there, also what changes on a condition, and folders apart', async () => {
    await objects.putIf('uploads/a/state', text('1'), null);
    await objects.put('uploads/a/x.0', text('12'));
    await objects.put('uploads/ab/y.0', text('123'));
    expect((await everyOf(objects.list('uploads/a/'))).sort((x, y) => x.size - y.size)).toEqual([
      { name: 'uploads/a/state', size: 1 },
      { name: 'uploads/a/x.0', size: 2 },
    ]);
    expect((await everyOf(objects.list('uploads/a'))).length).toBe(3);
    expect((await everyOf(objects.folders('uploads/'))).sort()).toEqual(['a', 'ab']);
    expect(await everyOf(objects.list('sha256/'))).toEqual([]);
  });

  it('sweeps what processes that died left on its way, when it is old', async () => {
    const temporary = join(folder, 'temporary');
    await mkdir(join(temporary, 'old', 'life'), { recursive: true });
    await writeFile(join(temporary, 'new'), 'x');
    await utimes(join(temporary, 'old'), 0, 0);
    const store = new ObjectBlobStore(objects, '');
    expect(await store.sweepLeftovers(Date.now())).toBe(1);
    expect(await readdir(temporary)).toEqual(['new']);
  });

  it('proves that it can be used', async () => {
    await expect(new ObjectBlobStore(objects, '').prove()).resolves.toBeUndefined();
    expect(await readdir(folder)).toEqual(['temporary']);
  });
});
