import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { violations, violationsInUse } from './blobCheck.js';
import { Expected, type BlobNote } from './blobNotes.js';
import { cutPoints, finalDisk, losePower } from './cuts.js';
import { reopenBlobs, type SmallIn } from './openBlobs.js';
import { seeded } from './random.js';
import { rebuild } from './replay.js';
import type { Operation } from './trace.js';
import { contentsOf, Laboratory, unsupported } from './traced.js';

const SEED = 20260618;
/** Moments, and outcomes for each beside the loss of everything unsynced; recovering a database takes longer. */
const EFFORT: Readonly<Record<SmallIn, { readonly cuts: number; readonly chances: number }>> = {
  files: { cuts: 100, chances: 2 },
  database: { cuts: 60, chances: 1 },
  shared: { cuts: 100, chances: 2 },
};
/** Generous: it is the disk that takes the time, and it may have other work. */
const TIMEOUT_MS = 240_000;
/** How many looks there are for each that uses the store further. */
const LOOKS_PER_USE = 7;

const why = unsupported();
if (why !== undefined) process.stderr.write(`\nSKIPPED: the blob store was not tested for loss of power: ${why}\n\n`);

const looking =
  (smallIn: SmallIn) =>
  async (root: string, acks: readonly string[], round: number): Promise<string[]> => {
    const expected = new Expected(acks.map((line) => JSON.parse(line) as BlobNote));
    try {
      const blobs = await reopenBlobs(root, smallIn);
      try {
        const found = await violations(blobs.store, expected);
        const used = found.length === 0 && round % LOOKS_PER_USE === 0;
        return used ? await violationsInUse(blobs.store, expected) : found;
      } finally {
        await blobs.close();
      }
    } catch (error) {
      return [`the store does not open: ${String(error)}`];
    }
  };

const modes: readonly SmallIn[] = ['files', 'database', 'shared'];
// Where a change is judged, the proof must be there: without it that fails.
(why === undefined || process.env['CI'] === 'true' ? describe : describe.skip).each(modes)(
  'loss of power: blob store, small contents in %s',
  (smallIn) => {
    const { cuts: count, chances } = EFFORT[smallIn];
    let laboratory: Laboratory;
    let operations: readonly Operation[];
    let root: string;

    beforeAll(async () => {
      laboratory = await Laboratory.open();
      ({ operations, root } = await laboratory.trace('blobs', 'blobDriver.js', { arguments: [smallIn] }));
    }, TIMEOUT_MS);

    afterAll(() => laboratory.close());

    it('has traced everything: what was recorded makes the very folder that is there', async () => {
      const target = join(laboratory.disks, 'complete');
      const disk = finalDisk(operations);
      rebuild(disk, 'kept', target);
      expect(await contentsOf(target)).toEqual(await contentsOf(root));
      expect([...disk.mapped].filter((path) => !path.endsWith('-shm'))).toEqual([]);
      expect(disk.acks.length).toBeGreaterThan(count);
    });

    it(
      'keeps what it acknowledged, whenever power is lost',
      async () => {
        const random = seeded(SEED);
        const cuts = cutPoints(operations, count, random);
        const luck = { random, chances };
        expect(await losePower(operations, cuts, luck, laboratory.disks, looking(smallIn))).toEqual([]);
      },
      TIMEOUT_MS,
    );

    it(
      'would be found out if it did not sync',
      async () => {
        const careless = { loseSync: true, arguments: [smallIn] };
        const { operations: unsynced } = await laboratory.trace('careless', 'blobDriver.js', careless);
        const random = seeded(SEED);
        const cuts = cutPoints(unsynced, 5, random);
        const luck = { random, chances };
        const wrong = await losePower(unsynced, cuts, luck, laboratory.disks, looking(smallIn));
        expect(wrong.length).toBeGreaterThan(0);
      },
      TIMEOUT_MS,
    );
  },
);
