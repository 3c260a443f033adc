import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StreamName } from '../../domain/shared/ids.js';
import { timestamp } from '../../domain/shared/time.js';
import { snapshotStoreContract } from './contract.js';
import { FileSnapshots } from './files.js';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tidemark-snapshots-'));

snapshotStoreContract('files', async () => {
  const folder = await newFolder();
  return {
    store: new FileSnapshots(folder),
    reopen: () => Promise.resolve(new FileSnapshots(folder)),
    close: () => rm(folder, { recursive: true }),
  };
});

describe('snapshot files', () => {
  it('counts a file in pieces as none, and removes it', async () => {
    const folder = await newFolder();
    const store = new FileSnapshots(folder);
    const stream = 'repository-1' as StreamName;
    await store.save(stream, { version: 1, revision: 0, hash: '', at: timestamp(0), state: null });
    const files = async (): Promise<string[]> =>
      (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.gz'));
    const [file = ''] = await files();
    await writeFile(join(folder, file), 'half of someth');
    expect(await store.load(stream)).toBeUndefined();
    expect(await files()).toEqual([]);
    await rm(folder, { recursive: true });
  });
});
