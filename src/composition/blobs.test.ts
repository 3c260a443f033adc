import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chunksOf, freshUpload, keyOf } from '../adapters/blobs/sampleContents.js';
import { loadConfig } from '../config/load.js';
import { blobPlace } from './blobs.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'blob-place-'));
});
afterEach(() => rm(folder, { recursive: true }));

const place = (path: string) => {
  const config = { DISTRIBUTED_STORAGE_CONFIG: { here: ['LocalStorage', { storage_path: path }] } };
  return blobPlace(loadConfig({ QUAY_OVERRIDE_CONFIG: JSON.stringify(config) }, folder).config);
};

describe('a folder of processes that own no log', () => {
  it('is shared: an upload begins on one and ends on another', async () => {
    const path = join(folder, 'blobs');
    const [one, other] = [await place(path), await place(path)];
    await Promise.all([one.prove(), other.prove()]);
    const bytes = Buffer.from('some bytes');
    const upload = freshUpload();
    await one.blobs.append(upload, 0, chunksOf(bytes.subarray(0, 4)));
    await other.blobs.append(upload, 4, chunksOf(bytes.subarray(4)));
    const key = keyOf(bytes);
    await one.blobs.finish(upload, key, bytes.byteLength);
    expect(Buffer.from(await other.blobs.read(key))).toEqual(bytes);
    expect(one).toMatchObject({ inLog: false, blobs: { link: undefined } });
    expect(await readdir(join(path, 'uploads'))).toEqual([]);
  });

  it('is proved at the start, and its location is named if it cannot be used', async () => {
    await writeFile(join(folder, 'file'), '');
    const { prove } = await place(join(folder, 'file', 'blobs'));
    await expect(prove()).rejects.toThrow(/^DISTRIBUTED_STORAGE_CONFIG\.here cannot be used: .*ENOTDIR/);
  });
});
