import { hash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rethrown, World } from '../../test/support/world.js';
import { digestOf } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import { Contents } from './contents.js';
import { verifyContents, type ContentsReport } from './verifyContents.js';

/** More than a page of records. */
const MANY = 400;

/* What becomes of contents that are damaged stands in damagedContents.test.ts. */
describe('reading and hashing all contents', () => {
  let world: World;
  let contents: Contents;
  let bytes: number;

  beforeEach(async () => {
    world = await World.open();
    const { blobs, operational } = world.stores;
    const { clock, ids } = world;
    contents = new Contents({
      blobs,
      operational,
      clock,
      ids,
      notRemoved: rethrown,
      holdSeconds: 3_600,
      oneWriter: true,
    });
    bytes = 0;
    const storing = Array.from({ length: MANY }, async (_, number) => {
      const text = `${randomUUID()} ${'x'.repeat(number)}`;
      bytes += text.length;
      await contents.storeBytes(digestOf('sha256', hash('sha256', text)), Buffer.from(text));
    });
    await Promise.all(storing);
  });
  afterEach(() => world.close());

  const verified = (
    stream: BlobStore['stream'],
    progressed: (done: number, total: number) => void = () => undefined,
  ): Promise<ContentsReport> => {
    const { operational } = world.stores;
    return verifyContents({ operational, blobs: { stream }, damaged: contents.damaged, progressed });
  };
  const streamed: BlobStore['stream'] = (...call) => world.stores.blobs.stream(...call);

  it('counts them, and tells how far it is', async () => {
    const told: (readonly [number, number])[] = [];
    const report = await verified(streamed, (...progress) => told.push(progress));
    expect(report).toEqual({ contents: MANY, bytes, damaged: 0, mended: 0, unreadable: 0, findings: [] });
    expect(told.at(-1)).toEqual([bytes, bytes]);
    expect(told.every(([done], index) => done > (told[index - 1]?.[0] ?? 0))).toBe(true);
  });

  it('reads a few at a time, and lets others have their turn though nothing has to be waited for', async () => {
    let [underWay, most, turns] = [0, 0, 0];
    const over = new AbortController();
    const turn = (): void => {
      turns++;
      if (!over.signal.aborted) setImmediate(turn);
    };
    setImmediate(turn);
    async function* watched(...call: Parameters<BlobStore['stream']>): AsyncGenerator<Uint8Array, void, undefined> {
      yield* await streamed(...call);
      underWay--;
    }
    await verified((...call) => {
      most = Math.max(most, ++underWay);
      return Promise.resolve(watched(...call));
    });
    over.abort();
    expect(most).toBeLessThanOrEqual(2);
    expect(turns).toBeGreaterThanOrEqual(MANY / 2);
  });

  it('goes on after one that the storage fails to read, and says what it said', async () => {
    let reads = 0;
    const report = await verified((...call) => {
      if (++reads % 100 === 1) throw new Error('EIO: i/o error, read');
      return streamed(...call);
    });
    expect(report).toMatchObject({ contents: MANY, damaged: 0, unreadable: MANY / 100 });
    expect(report.findings.map(({ reason, detail }) => [reason, detail])).toEqual(
      Array(MANY / 100).fill(['unreadable', 'EIO: i/o error, read']),
    );
    // They are there, as far as anybody knows.
    expect(await verified(streamed)).toMatchObject({ contents: MANY, findings: [] });
  });

  it('ends when the storage is away', async () => {
    let reads = 0;
    const ended = verified(() => {
      reads++;
      throw new StoreUnavailable('away');
    });
    await expect(ended).rejects.toThrow('away');
    expect(reads).toBeLessThanOrEqual(2);
  });
});
