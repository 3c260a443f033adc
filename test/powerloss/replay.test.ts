import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Disk } from './disk.js';
import { seeded } from './random.js';
import { rebuild, type Fate } from './replay.js';
import type { Operation } from './trace.js';

const open = (handle: number, path: string): Operation => ({ kind: 'open', handle, path, truncates: false });
const write = (handle: number, at: number, text: string): Operation => ({
  kind: 'write',
  handle,
  at,
  bytes: Buffer.from(text),
});
let syncs = 0;
const sync = (handle: number): Operation[] => {
  syncs += 1;
  return [
    { kind: 'sync-begin', handle, sync: syncs },
    { kind: 'sync-end', sync: syncs },
  ];
};
const syncRoot = (handle: number): Operation[] => [open(handle, ''), ...sync(handle)];

describe('replaying a loss of power', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-replay-'));
  });

  afterEach(() => rm(folder, { recursive: true }));

  const left = (fate: Fate, ...operations: readonly Operation[]): string => {
    const disk = new Disk();
    for (const operation of operations) disk.apply(operation);
    const target = join(folder, 'disk');
    rebuild(disk, fate, target);
    return target;
  };
  const text = (root: string, name: string): Promise<string> => readFile(join(root, name), 'utf8');

  it('keeps bytes that were synced under a name that was synced', async () => {
    const root = left('lost', open(1, 'a'), write(1, 0, 'hello'), ...sync(1), ...syncRoot(2));
    expect(await text(root, 'a')).toBe('hello');
  });

  it('loses a file whose name was not synced, whatever was done for its bytes', () => {
    const root = left('lost', open(1, 'a'), write(1, 0, 'hello'), ...sync(1));
    expect(existsSync(join(root, 'a'))).toBe(false);
  });

  it('loses bytes that were written after the sync began', async () => {
    const [begin, end] = sync(1);
    if (!begin || !end) throw new Error('a sync begins and ends');
    const operations = [open(1, 'a'), write(1, 0, 'one'), begin, write(1, 3, 'two'), end, ...syncRoot(2)];
    expect(await text(left('lost', ...operations), 'a')).toBe('one');
  });

  it('does not count a sync that did not end', async () => {
    const operations = [...syncRoot(1), open(2, 'a'), ...syncRoot(3), write(2, 0, 'one'), ...sync(2).slice(0, 1)];
    expect(await text(left('lost', ...operations), 'a')).toBe('');
  });

  it('brings an unlinked name back until its folder was synced', async () => {
    const made = [open(1, 'a'), write(1, 0, 'hello'), ...sync(1), ...syncRoot(2)];
    const gone: Operation = { kind: 'unlink', path: 'a' };
    expect(await text(left('lost', ...made, gone), 'a')).toBe('hello');
    await rm(join(folder, 'disk'), { recursive: true });
    expect(existsSync(join(left('lost', ...made, gone, ...syncRoot(3)), 'a'))).toBe(false);
  });

  it('lets the two halves of a rename between folders have fates of their own', () => {
    const operations: Operation[] = [
      { kind: 'mkdir', path: 'x' },
      open(1, 'a'),
      ...syncRoot(2),
      { kind: 'rename', path: 'a', to: 'x/a' },
      ...syncRoot(3),
    ];
    const root = left('lost', ...operations);
    expect([existsSync(join(root, 'a')), existsSync(join(root, 'x', 'a'))]).toEqual([false, false]);
  });

  it('gives one file two names after a link', async () => {
    const operations: Operation[] = [open(1, 'a'), write(1, 0, 'hello'), { kind: 'link', path: 'a', to: 'b' }];
    const root = left('kept', ...operations);
    expect(await text(root, 'b')).toBe('hello');
    expect((await stat(join(root, 'a'))).nlink).toBe(2);
  });

  it('tears unsynced writes at sectors', async () => {
    const long = 'x'.repeat(64 * 512);
    const operations = [open(1, 'a'), ...syncRoot(2), write(1, 0, long)];
    const torn = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) {
      const bytes = await readFile(join(left(seeded(seed), ...operations), 'a'));
      const sectors = Array.from({ length: Math.ceil(bytes.byteLength / 512) }, (_, sector) =>
        bytes.subarray(sector * 512, (sector + 1) * 512).toString(),
      );
      torn.add(
        sectors.every((sector) => sector === 'x'.repeat(512) || sector === '\0'.repeat(512)) ? 'clean' : 'ragged',
      );
      torn.add(bytes.toString() === long ? 'whole' : bytes.byteLength === 0 ? 'none' : 'part');
      await rm(join(folder, 'disk'), { recursive: true });
    }
    expect(torn).toEqual(new Set(['clean', 'whole', 'none', 'part']));
  });

  it('notices a trace that names what it never made', () => {
    expect(() => left('kept', { kind: 'rename', path: 'a', to: 'b' })).toThrow('something went unseen');
  });
});
