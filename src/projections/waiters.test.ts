import { describe, expect, it } from '@jest/globals';
import { position } from '../domain/shared/ids.js';
import { ReadModelsLate } from './readModels.js';
import { Waiters } from './waiters.js';

describe('who waits for read models', () => {
  it('goes on when they are there, and not before', async () => {
    const waiters = new Waiters();
    const passed: number[] = [];
    const waiting = [1, 2, 3].map((place) => waiters.add(position(place)).then(() => passed.push(place)));
    waiters.passed(position(2));
    await Promise.all(waiting.slice(0, 2));
    expect(passed).toEqual([1, 2]);
    expect(waiters.any).toBe(true);
    waiters.passed(position(3));
    await Promise.all(waiting);
    expect(waiters.any).toBe(false);
  });

  it('is forgotten when he has no more patience, and the others are not', async () => {
    const waiters = new Waiters();
    const patient = waiters.add(position(1));
    await expect(waiters.add(position(1), 5)).rejects.toThrow(ReadModelsLate);
    expect(waiters.any).toBe(true);
    waiters.passed(position(1));
    await patient;
    await expect(waiters.add(position(1), 5)).rejects.toThrow(ReadModelsLate);
    expect(waiters.any).toBe(false);
  });
});
