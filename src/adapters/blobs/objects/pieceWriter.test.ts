import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { StoreUnavailable } from '../../../ports/errors.js';
import { PIECE_BYTES, type Piece } from './objectStore.js';
import { PieceMemory } from './pieceMemory.js';
import { pieceBytesAt, PieceWriter } from './pieceWriter.js';

const GIB = 1024 ** 3;

describe('the size of pieces', () => {
  it('begins with what the engine joins and stays there for the first 9 GiB', () => {
    expect([0, 1, 1_999].map((index) => pieceBytesAt(PIECE_BYTES, index))).toEqual(
      [5, 5, 5].map((mib) => mib * 2 ** 20),
    );
    expect(pieceBytesAt(PIECE_BYTES, 2_000)).toBe(10 * 2 ** 20);
  });

  it('grows so that 10,000 pieces, the most that S3 joins, hold any blob', () => {
    const most = Array.from({ length: 10_000 }, (_, index) => pieceBytesAt(PIECE_BYTES, index));
    expect(most.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(250 * GIB);
  });
});

/** Keeps what is put, as an engine does that takes its time: nothing is stored before `release`. */
class SlowObjects {
  readonly pieceBytes = 1000;
  readonly stored = new Map<string, Buffer>();
  readonly waiting: (() => void)[] = [];
  failing = false;

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (this.failing) throw new StoreUnavailable('away');
    this.stored.set(name, Buffer.from(bytes));
  }

  release(): void {
    for (const go of this.waiting.splice(0)) go();
  }
}

describe('the pieces of an upload', () => {
  let objects: SlowObjects;
  let memory: PieceMemory;
  beforeEach(() => {
    objects = new SlowObjects();
    memory = new PieceMemory(objects.pieceBytes);
  });

  const writer = (prefix: string, before: readonly Piece[] = []): PieceWriter =>
    new PieceWriter(objects, memory, before, prefix);
  const joined = (pieces: readonly Piece[]): Buffer =>
    Buffer.concat(pieces.map(({ name }) => objects.stored.get(name) ?? Buffer.alloc(0)));
  /** Whether a promise settles before everything has to wait for the engine. */
  const settles = async (promise: Promise<void> | undefined): Promise<boolean> =>
    Promise.race([
      Promise.resolve(promise).then(() => true),
      new Promise<boolean>((resolve) => setImmediate(resolve, false)),
    ]);

  it.each([0, 1, 999, 1000, 1001, 2500])('are the bytes that came, cut where the engine wants it: %d', async (size) => {
    const bytes = randomBytes(size);
    const before = { name: 'before.0', size: 1000 };
    const pieces = writer('a', [before]);
    const adding = (async () => {
      for (let at = 0; at < size; at += 300) await pieces.add(bytes.subarray(at, at + 300));
      return pieces.finish();
    })();
    const releasing = setInterval(() => {
      objects.release();
    }, 1);
    const all = await adding;
    clearInterval(releasing);
    expect(all[0]).toBe(before);
    expect(Buffer.compare(joined(all.slice(1)), bytes)).toBe(0);
    expect(all.slice(1, -1).map((piece) => piece.size)).toEqual(
      Array(Math.max(0, Math.ceil(size / 1000) - 1)).fill(1000),
    );
  });

  it('travel while the next ones fill, as far as the common memory goes, and then the source waits', async () => {
    const pieces = writer('a');
    // One buffer of its own and three of all.
    for (let piece = 0; piece < 4; piece += 1) expect(await settles(pieces.add(randomBytes(1000)))).toBe(true);
    const waiting = pieces.add(randomBytes(1000));
    expect(await settles(waiting)).toBe(false);
    expect(objects.waiting).toHaveLength(4);
    objects.release();
    await waiting;
    const finishing = pieces.finish();
    objects.release();
    expect(await finishing).toHaveLength(5);
  });

  it('of one upload never wait for another one', async () => {
    const greedy = writer('a');
    for (let piece = 0; piece < 4; piece += 1) await greedy.add(randomBytes(1000));
    const other = writer('b');
    expect(await settles(other.add(randomBytes(1000)))).toBe(true);
    const bytes = randomBytes(500);
    const waiting = other.add(bytes);
    expect(await settles(waiting)).toBe(true);
    objects.release();
    const finishing = Promise.all([greedy.finish(), other.finish()]);
    objects.release();
    expect((await finishing).map((pieces) => pieces.length)).toEqual([4, 2]);
  });

  it('give their memory back when the engine is away, and when nobody wants them any more', async () => {
    objects.failing = true;
    const failed = writer('a');
    await failed.add(randomBytes(1500));
    const finishing = expect(failed.finish()).rejects.toThrow(StoreUnavailable);
    objects.release();
    await finishing;
    const discarded = await failed.discard();
    expect(discarded.length).toBeGreaterThan(0);
    objects.failing = false;
    for (let round = 0; round < 5; round += 1) {
      const dropped = writer(`b${round}`);
      for (let piece = 0; piece < 4; piece += 1) expect(await settles(dropped.add(randomBytes(1000)))).toBe(true);
      const dropping = dropped.discard();
      objects.release();
      expect(await dropping).toHaveLength(4);
    }
  });
});
