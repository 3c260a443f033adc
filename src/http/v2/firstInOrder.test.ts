import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FirstInOrder } from './firstInOrder.js';

describe('the first in order', () => {
  it('are those that sorting everything would give', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-', '\0'), maxLength: 3 });
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), fc.integer({ min: 1, max: 5 }), text, (texts, limit, after) => {
        const first = new FirstInOrder(limit, after);
        for (const each of texts) first.offer(each);
        const sorted = [...new Set(texts)].filter((each) => each > after).sort();
        expect(first.kept).toEqual(sorted.slice(0, limit));
        expect(first.isFull).toBe(sorted.length >= limit);
      }),
    );
  });
});
