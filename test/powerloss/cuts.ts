import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Disk } from './disk.js';
import { between, type Random } from './random.js';
import { rebuild, type Fate } from './replay.js';
import type { Operation } from './trace.js';

/**
 * Moments at which to lose power: anywhere, and right after something was acknowledged, when most depends on it.
 *
 * @returns how many operations happened before, ascending
 */
export function cutPoints(operations: readonly Operation[], count: number, random: Random): readonly number[] {
  const acknowledged = operations.flatMap(({ kind }, index) => (kind === 'ack' ? [index + 1] : []));
  const points = Array.from({ length: count }, (_, index) => {
    const anywhere = between(random, 0, operations.length);
    return index % 2 === 0 ? anywhere : (acknowledged[between(random, 0, acknowledged.length - 1)] ?? anywhere);
  });
  return points.sort((one, other) => one - other);
}

/** What may become of the disk at one moment: everything unsynced is lost, or chance decides, as often as is said. */
const fatesOf = (random: Random, chances: number): readonly Fate[] => ['lost', ...Array<Random>(chances).fill(random)];

/**
 * Loses power at each of the moments, several times with different luck, and looks at what is left.
 *
 * @param luck `chances`: how many random outcomes there are for each moment, beside the loss of everything unsynced
 * @param folder scratch space
 * @param look is given a rebuilt folder, what had been acknowledged, and how often it was asked; says what is wrong
 * @returns everything that was wrong, with its moment
 */
export async function losePower(
  operations: readonly Operation[],
  cuts: readonly number[],
  luck: { readonly random: Random; readonly chances: number },
  folder: string,
  look: (root: string, acks: readonly string[], round: number) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const disk = new Disk();
  const wrong: string[] = [];
  let done = 0;
  let round = 0;
  for (const cut of cuts) {
    for (; done < cut; done += 1) {
      const operation = operations[done];
      if (operation) disk.apply(operation);
    }
    for (const fate of fatesOf(luck.random, luck.chances)) {
      const root = join(folder, 'rebuilt');
      rebuild(disk, fate, root);
      const found = await look(root, disk.acks, round);
      round += 1;
      const name = fate === 'lost' ? 'all unsynced lost' : 'by chance';
      wrong.push(...found.map((what) => `after ${cut} of ${operations.length} operations, ${name}: ${what}`));
      await rm(root, { recursive: true });
    }
  }
  return wrong;
}

/** The state of the folder when all is done and nothing is lost. */
export function finalDisk(operations: readonly Operation[]): Disk {
  const disk = new Disk();
  for (const operation of operations) disk.apply(operation);
  return disk;
}
