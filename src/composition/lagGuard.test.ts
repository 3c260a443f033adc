import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { position, START } from '../domain/shared/ids.js';
import { ReadModelsTrail } from '../ports/errors.js';
import { Follower } from '../projections/follower.js';
import { LagGuard } from './lagGuard.js';

/** Who writes is patient, so that it is the lag that is met, however busy the machine is. */
const LIMITS = { lag: 30, patience: 60_000 };
const IMPATIENT = { ...LIMITS, patience: 120 };

describe('who keeps writers from running away from the read models', () => {
  let announced = START;
  let looks = 0;
  let follower: Follower;
  let guard: LagGuard;
  beforeEach(() => {
    [announced, looks] = [START, 0];
    follower = new Follower({
      reached: () => {
        looks++;
        return Promise.resolve({ position: announced, era: 'one' });
      },
      eraChanged: () => Promise.resolve(),
      failed: (error) => {
        throw error;
      },
    });
    guard = new LagGuard(LIMITS, follower);
  });
  afterEach(() => follower.close());

  /** Resolves when somebody has waited longer than a write may. */
  const trailing = async (): Promise<void> => {
    while (guard.seconds * 1000 <= LIMITS.lag) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  it('lets everything pass at once where nobody waits', () => {
    expect(guard.admit()).toBeUndefined();
    expect(guard.seconds).toBe(0);
  });

  it('asks nobody for what is known to be shown', async () => {
    announced = position(5);
    follower.start();
    await follower.waitFor(position(5));
    await follower.close();
    const before = looks;
    await guard.waitFor(position(4), 'written');
    await guard.waitFor(position(5), 'written');
    expect(looks).toBe(before);
    expect(guard.seconds).toBe(0);
  });

  it('lets a write wait until the read models show it', async () => {
    follower.start();
    const written = guard.waitFor(position(3), 'written');
    expect(guard.positionGap).toBe(3);
    announced = position(3);
    await written;
    expect(guard.positionGap).toBe(0);
    expect(guard.seconds).toBe(0);
  });

  it.each([
    ['written', 'it is written'],
    ['unchanged', 'nothing was written'],
  ] as const)('says where nobody feeds them that something is %s', async (outcome, words) => {
    guard = new LagGuard(IMPATIENT, follower);
    follower.start();
    const begun = performance.now();
    const answer = guard.waitFor(position(3), outcome);
    await expect(answer).rejects.toThrow(ReadModelsTrail);
    await expect(answer).rejects.toThrow(words);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(IMPATIENT.patience - 1);
  });

  it('goes on refusing when who waited has given up, until they show what he wrote', async () => {
    guard = new LagGuard(IMPATIENT, follower);
    follower.start();
    await expect(guard.waitFor(position(3), 'written')).rejects.toThrow('it is written');
    expect(guard.seconds * 1000).toBeGreaterThan(LIMITS.lag);
    await expect(guard.admit()).rejects.toThrow('nothing was written');
    announced = position(3);
    await follower.waitFor(position(3));
    expect(guard.admit()).toBeUndefined();
    expect(guard.seconds).toBe(0);
  });

  it('lets the next write wait while the read models trail, and go on when they do not', async () => {
    follower.start();
    const first = guard.waitFor(position(3), 'written');
    expect(guard.admit()).toBeUndefined();
    await trailing();
    const next = guard.admit();
    expect(next).toBeInstanceOf(Promise);
    announced = position(3);
    await next;
    await first;
  });

  it('refuses the next write that waited as long itself', async () => {
    follower.start();
    const first = guard.waitFor(position(3), 'written');
    await trailing();
    const begun = performance.now();
    const next = guard.admit();
    await expect(next).rejects.toThrow(ReadModelsTrail);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(LIMITS.lag - 1);
    announced = position(3);
    await first;
  });

  it('says what was written and what was not to those who wait when the process ends', async () => {
    follower.start();
    const first = expect(guard.waitFor(position(3), 'written')).rejects.toThrow('it is written');
    await trailing();
    const next = expect(guard.admit()).rejects.toThrow('nothing was written');
    await follower.close();
    await Promise.all([first, next]);
  });
});
