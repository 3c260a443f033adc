import { describe, expect, it } from '@jest/globals';
import { PIECE_BYTES } from './objectStore.js';
import { pieceBytesAt } from './pieceWriter.js';

const GIB = 1024 ** 3;

describe('the size of pieces', () => {
  it('begins with what the engine joins and stays there for the first 19 GiB', () => {
    expect([0, 1, 2_499].map((index) => pieceBytesAt(PIECE_BYTES, index))).toEqual(
      [8, 8, 8].map((mib) => mib * 2 ** 20),
    );
    expect(pieceBytesAt(PIECE_BYTES, 2_500)).toBe(16 * 2 ** 20);
  });

  it('grows so that 10,000 pieces, the most that S3 joins, hold any blob', () => {
    const most = Array.from({ length: 10_000 }, (_, index) => pieceBytesAt(PIECE_BYTES, index));
    expect(most.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(250 * GIB);
  });
});
