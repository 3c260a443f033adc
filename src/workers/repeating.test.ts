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
});
