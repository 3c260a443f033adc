import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { FileSystemBlobStore } from '../../src/adapters/blobs/filesystem.js';
import { violations, violationsInUse } from './blobCheck.js';
import { Expected, type BlobNote } from './blobNotes.js';
import { cutPoints, finalDisk, losePower } from './cuts.js';
import { seeded } from './random.js';
import { rebuild } from './replay.js';
import { contentsOf, Laboratory, unsupported } from './traced.js';
import type { Operation } from './trace.js';

const SEED = 20260618;
const CUTS = 100;
const CHANCES = 2;
/** Generous: it is the disk that takes the time, and it may have other work. */
const TIMEOUT_MS = 240_000;

const why = unsupported();
if (why !== undefined) process.stderr.write(`\nSKIPPED: the blob store was not tested for loss of power: ${why}\n\n`);

/** How many looks there are for each that uses the store further, because that writes and syncs for real. */
const LOOKS_PER_USE = 7;

async function look(root: string, acks: readonly string[], round: number): Promise<string[]> {
  const expected = new Expected(acks.map((line) => JSON.parse(line) as BlobNote));
  const store = new FileSystemBlobStore(join(root, 'blobs'));
  const found = await violations(store, expected);
  return found.length > 0 || round % LOOKS_PER_USE !== 0 ? found : violationsInUse(store, expected);
}

(why === undefined ? describe : describe.skip)('loss of power: file system blob store', () => {
  let laboratory: Laboratory;
  let operations: readonly Operation[];
  let root: string;

  beforeAll(async () => {
    laboratory = await Laboratory.open();
    ({ operations, root } = await laboratory.trace('blobs', 'blobDriver.js'));
  }, TIMEOUT_MS);

  afterAll(() => laboratory.close());

  it('has traced everything: what was recorded makes the very folder that is there', async () => {
    const target = join(laboratory.disks, 'complete');
    const disk = finalDisk(operations);
    rebuild(disk, 'kept', target);
    expect(await contentsOf(target)).toEqual(await contentsOf(root));
    expect([...disk.mapped]).toEqual([]);
    expect(disk.acks.length).toBeGreaterThan(CUTS);
  });

  it(
    'keeps what it acknowledged, whenever power is lost',
    async () => {
      const random = seeded(SEED);
      const cuts = cutPoints(operations, CUTS, random);
      expect(await losePower(operations, cuts, { random, chances: CHANCES }, laboratory.disks, look)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'would be found out if it did not sync',
    async () => {
      const careless = await laboratory.trace('careless', 'blobDriver.js', { loseSync: true });
      const random = seeded(SEED);
      const cuts = cutPoints(careless.operations, 5, random);
      const wrong = await losePower(careless.operations, cuts, { random, chances: CHANCES }, laboratory.disks, look);
      expect(wrong.length).toBeGreaterThan(0);
    },
    TIMEOUT_MS,
  );
});
