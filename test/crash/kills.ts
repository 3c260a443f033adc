import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CrashRun } from './crashRun.js';

/** Of each of the two registries that are killed beside each other, as many as there are processors. */
const rounds = Number(process.env['CRASH_ROUNDS'] ?? 100);
const firstSeed = Number(process.env['CRASH_SEED'] ?? 20_260_618);
/** The command line proves log and read models after so many rounds. */
const VERIFY_EVERY = 25;
const MINUTE = 60_000;

/** @param number tells registries apart that are killed at the same time */
export function losesNothing(number: number): void {
  const seed = firstSeed + number;
  let run: CrashRun;

  beforeAll(async () => {
    run = await CrashRun.start(seed);
  }, MINUTE);

  afterAll(async () => {
    await run.stop();
  }, MINUTE);

  it(
    `loses nothing that was acknowledged in ${rounds} kills under load`,
    async () => {
      process.stdout.write(`crash test: seed ${seed}, ${rounds} rounds (CRASH_SEED, CRASH_ROUNDS)\n`);
      for (let round = 1; round <= rounds; round++) {
        await run.crash();
        expect({ round, objections: await run.check() }).toEqual({ round, objections: [] });
        if (round % VERIFY_EVERY !== 0) continue;
        await run.verify();
        process.stdout.write(`crash test: seed ${seed}: ${round} kills, ${run.done} acts acknowledged\n`);
      }
      expect(await run.check(true)).toEqual([]);
      await run.verify();
      await run.halt();
      await run.verify();
    },
    60 * MINUTE,
  );
}
