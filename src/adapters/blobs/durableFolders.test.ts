import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DurableFolders } from './durableFolders.js';

describe('DurableFolders', () => {
  let root: string;
  let folders: DurableFolders;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tidemark-folders-'));
    folders = new DurableFolders(root);
  });

  afterEach(() => rm(root, { recursive: true }));

  it('makes a folder and those above it, for the owner and his group only', async () => {
    const folder = join(root, 'a', 'b', 'c');
    await Promise.all([folders.ensure(folder), folders.ensure(join(root, 'a', 'b', 'd')), folders.ensure(folder)]);
    expect((await stat(folder)).mode & 0o007).toBe(0);
    expect(existsSync(join(root, 'a', 'b', 'd'))).toBe(true);
  });

  it('says so when a folder was taken away from under it', async () => {
    const folder = join(root, 'a');
    await folders.ensure(folder);
    await rm(folder, { recursive: true });
    await expect(folders.make(join(folder, 'b'))).rejects.toThrow('ENOENT');
  });

  it('shares a sync among those who come while another one runs', async () => {
    const running = folders.sync(root);
    const [one, two] = [folders.sync(root), folders.sync(root)];
    expect(one).not.toBe(running);
    expect(two).toBe(one);
    await Promise.all([running, one]);
    expect(folders.sync(root)).not.toBe(one);
  });

  it('goes on after a sync that failed', async () => {
    const missing = join(root, 'missing');
    const [one, two] = [folders.sync(missing), folders.sync(missing)];
    await expect(one).rejects.toThrow('ENOENT');
    await expect(two).rejects.toThrow('ENOENT');
    await folders.ensure(missing);
    await expect(folders.sync(missing)).resolves.toBeUndefined();
  });
});
