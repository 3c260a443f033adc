import { describe, expect, it } from '@jest/globals';
import { BatchSize } from './batchSize.js';

describe('how much is done in one go', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  /** Tries until all is done by an engine that does only so much at once. @returns how large each part was */
  async function triedWith(size: BatchSize, capacity: number, all = items): Promise<number[]> {
    const tried: number[] = [];
    const done: number[] = [];
    while (done.length < all.length) {
      await size
        .inParts(all.slice(done.length), (part) => {
          tried.push(part.length);
          if (part.length > capacity) return Promise.reject(new Error('too slow'));
          done.push(...part);
          return Promise.resolve();
        })
        .catch((error: unknown) => {
          expect(error).toEqual(new Error('too slow'));
        });
    }
    expect(done).toEqual(all);
    return tried;
  }

  it('is everything as long as nothing fails', async () => {
    expect(await triedWith(new BatchSize(), Infinity)).toEqual([100]);
  });

  it('is halved until it can be done, and grows again', async () => {
    const size = new BatchSize();
    expect((await triedWith(size, 30)).slice(0, 5)).toEqual([100, 50, 25, 38, 19]);
    const recovered = await triedWith(size, Infinity);
    expect([...recovered].sort((a, b) => a - b)).toEqual(recovered);
    for (let round = 0; round < 5; round++) await triedWith(size, Infinity);
    expect(await triedWith(size, Infinity)).toEqual([100]);
  });

  it('is one item at least, and says so: what fails then fails for another reason', async () => {
    const size = new BatchSize();
    const failing = (): Promise<never> => Promise.reject(new Error('away'));
    for (let attempt = 0; attempt < 6; attempt++) await expect(size.inParts(items, failing)).rejects.toThrow('away');
    expect(size.isSmallest).toBe(false);
    for (let attempt = 0; attempt < 2; attempt++) await expect(size.inParts(items, failing)).rejects.toThrow('away');
    expect(size.isSmallest).toBe(true);
    expect((await triedWith(size, Infinity)).slice(0, 4)).toEqual([1, 2, 3, 5]);
  });

  it('stays as it is after a failure that has nothing to do with it', async () => {
    const size = new BatchSize((error) => !(error instanceof RangeError));
    await expect(size.inParts(items, () => Promise.reject(new RangeError('overtaken')))).rejects.toThrow(RangeError);
    expect(await triedWith(size, Infinity)).toEqual([100]);
  });

  it('says nothing about much when little was done', async () => {
    const size = new BatchSize();
    await triedWith(size, 10, items.slice(0, 20));
    for (let round = 0; round < 20; round++) await triedWith(size, 10, items.slice(0, 3));
    expect(Math.max(...(await triedWith(size, Infinity)).slice(0, 1))).toBeLessThan(20);
  });
});
