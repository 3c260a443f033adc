import { afterEach, describe, expect, it } from '@jest/globals';
import { position, START } from '../domain/shared/ids.js';
import { Follower } from './follower.js';
import type { Reached } from './reach.js';
import { ReadModelsClosed } from './readModels.js';

describe('who follows read models that another process feeds', () => {
  /** What the other process has announced, and what became of looking at it. */
  let announced: Reached | Error = { position: START, era: 'first' };
  let eras: string[] = [];
  let failures: unknown[] = [];
  let follower: Follower | undefined;
  let looks = 0;

  const start = (): Follower => {
    [announced, eras, failures, looks] = [{ position: START, era: 'first' }, [], [], 0];
    follower = new Follower({
      reached: () => {
        looks++;
        return announced instanceof Error ? Promise.reject(announced) : Promise.resolve(announced);
      },
      eraChanged: () => {
        eras.push(announced instanceof Error ? '' : announced.era);
        return Promise.resolve();
      },
      failed: (error) => void failures.push(error),
    });
    follower.start();
    return follower;
  };
  afterEach(async () => {
    await follower?.close();
    follower = undefined;
  });

  it('waits until the position is announced, and not for what was announced before', async () => {
    const following = start();
    let passed = false;
    const waiting = following.waitFor(position(7)).then(() => (passed = true));
    announced = { position: position(6), era: 'first' };
    await following.waitFor(position(6));
    expect(passed).toBe(false);
    announced = { position: position(9), era: 'first' };
    await waiting;
    expect(following.position).toBe(position(9));
    const before = looks;
    await following.waitFor(position(8));
    expect(looks).toBe(before);
  });

  it('never goes back', async () => {
    const following = start();
    announced = { position: position(5), era: 'first' };
    await following.waitFor(position(5));
    announced = { position: position(3), era: 'second' };
    const waiting = following.waitFor(position(6));
    while (!eras.includes('second')) await new Promise((resolve) => setImmediate(resolve));
    expect(following.position).toBe(position(5));
    announced = { position: position(6), era: 'second' };
    await waiting;
  });

  it('lets queries find the builds of another era before anybody goes on', async () => {
    const following = start();
    announced = { position: position(1), era: 'first' };
    await following.waitFor(position(1));
    announced = { position: position(2), era: 'rebuilt' };
    await following.waitFor(position(2)).then(() => eras.push('went on'));
    expect(eras).toEqual(['first', 'rebuilt', 'went on']);
  });

  it('says so while it cannot look, once, and goes on when it can', async () => {
    const following = start();
    await new Promise((resolve) => setImmediate(resolve));
    announced = new Error('the store is away');
    const waiting = following.waitFor(position(2));
    while (following.answering) await new Promise((resolve) => setImmediate(resolve));
    const before = looks;
    while (looks < before + 2) await new Promise((resolve) => setImmediate(resolve));
    expect(failures).toEqual([announced]);
    announced = { position: position(2), era: 'first' };
    await waiting;
    expect(following.answering).toBe(true);
  });

  it('lets nobody wait for ever when it is closed', async () => {
    const following = start();
    const waiting = expect(following.waitFor(position(2))).rejects.toThrow(ReadModelsClosed);
    await following.close();
    await waiting;
    await expect(following.waitFor(position(2))).rejects.toThrow(ReadModelsClosed);
  });
});
