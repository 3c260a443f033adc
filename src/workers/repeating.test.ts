import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { Repeating } from './repeating.js';

describe('repeating work', () => {
  it('begins at once, goes on after a failure, and never overlaps', async () => {
    let [begun, running, most] = [0, 0, 0];
    const failures: unknown[] = [];
    const repeating = new Repeating({
      intervalSeconds: 0.01,
      failed: (error) => failures.push(error),
      work: async () => {
        most = Math.max(most, ++running);
        await sleep(5);
        running--;
        if (++begun === 1) throw new Error('the first time');
      },
    });
    repeating.start();
    repeating.soon();
    while (begun < 4) await sleep(5);
    await repeating.stop();
    const done = begun;
    await sleep(40);
    expect(begun).toBe(done);
    expect(most).toBe(1);
    expect(failures).toEqual([new Error('the first time')]);
  });

  it('is told to end, and does not begin again', async () => {
    const [begun, failures]: [AbortSignal[], unknown[]] = [[], []];
    const repeating = new Repeating({
      intervalSeconds: 3_600,
      failed: (error) => failures.push(error),
      work: (signal) => {
        begun.push(signal);
        return new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            reject(signal.reason as Error);
          });
        });
      },
    });
    repeating.start();
    repeating.soon();
    while (begun.length === 0) await sleep(1);
    await repeating.stop();
    repeating.soon();
    await repeating.stop();
    expect(begun).toHaveLength(1);
    expect(failures).toEqual([]);
  });
});
