import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { testEventId } from '../../../../test/support/testLog.js';
import { MerkleTree } from '../merkle.js';
import { UncoveredEvents } from './uncovered.js';

const hashOf = (number: number): Buffer => Buffer.alloc(32, number);

function rootOf(first: number, last: number): string {
  const tree = new MerkleTree();
  for (let number = first; number <= last; number++) tree.add(hashOf(number));
  return tree.root();
}

/** How many events come, and how many of them at the end the checkpoint after them does not cover. */
const intervals = fc.array(fc.record({ events: fc.integer({ min: 1, max: 40 }), behind: fc.nat(3) }), { maxLength: 6 });

describe('the uncovered events', () => {
  it('give the root of those since the last checkpoint, however few are kept one by one', () => {
    fc.assert(
      fc.property(intervals, fc.integer({ min: 8, max: 50 }), (all, limit) => {
        const uncovered = new UncoveredEvents(limit);
        for (const { events, behind } of all) {
          for (let event = 0; event < events; event++) {
            const number = uncovered.end + 1;
            uncovered.push(hashOf(number).toString('hex'), testEventId(number));
          }
          const { start, end } = uncovered;
          const size = Math.max(start, end - behind);
          expect(uncovered.rootUpTo(size)).toBe(rootOf(start + 1, size));
          expect(uncovered.numberOf(testEventId(end), 0)).toBe(end);
          uncovered.cover(size);
          expect([uncovered.start, uncovered.end]).toEqual([size, end]);
        }
      }),
    );
  });

  it('do not know the root up to what is not kept one by one any more', () => {
    const uncovered = new UncoveredEvents(8);
    for (let number = 1; number <= 9; number++) uncovered.push(hashOf(number).toString('hex'), testEventId(number));
    expect(uncovered.rootUpTo(3)).toBeUndefined();
    expect(uncovered.numberOf(testEventId(3), 3)).toBeUndefined();
    expect(uncovered.rootUpTo(4)).toBe(rootOf(1, 4));
  });
});
