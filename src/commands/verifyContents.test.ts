import { hash, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rethrown, World } from '../../test/support/world.js';
import { digestOf } from '../domain/shared/digest.js';
import type { BlobStore } from '../ports/blobStore.js';
import { ContentMissing, StoreUnavailable } from '../ports/errors.js';
import { Contents } from './contents.js';
import { DamagedContents } from './damagedContents.js';
import { verifyContents, type ContentsReport, type VerifyContentsOptions } from './verifyContents.js';

/** More than a page of records. */
const MANY = 400;

type Given = Partial<Omit<VerifyContentsOptions, 'blobs'>>;

/** The store, but for some of its methods. */
const changed = <Store extends object>(store: Store, methods: Partial<Store>): Store =>
  new Proxy(store, {
    get: (target, name): unknown => {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

async function* otherBytes(): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from('not what the digest says'));
}

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
    {
      progressed = () => undefined,
      operational = world.stores.operational,
      damaged = contents.damaged,
      signal,
    }: Given = {},
  ): Promise<ContentsReport> => verifyContents({ operational, blobs: { stream }, damaged, progressed, signal });
  const streamed: BlobStore['stream'] = (...call) => world.stores.blobs.stream(...call);

  it('counts them, and tells how far it is', async () => {
    const told: (readonly [number, number])[] = [];
    const report = await verified(streamed, { progressed: (...progress) => told.push(progress) });
    const none = { damaged: 0, mended: 0, unreadable: 0, findings: [], brokenOff: null };
    expect(report).toEqual({ contents: MANY, bytes, ...none });
    expect(told.at(-1)).toEqual([bytes, bytes]);
    expect(told.every(([done], index) => done > (told[index - 1]?.[0] ?? 0))).toBe(true);
  });

  it('believes that bytes are others only when they were so twice', async () => {
    let reads = 0;
    const told: number[] = [];
    async function* turned(...call: Parameters<BlobStore['stream']>): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const chunk of await streamed(...call)) {
        const bytes = Buffer.from(chunk);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        yield bytes;
      }
    }
    const report = await verified((...call) => (reads++ === 0 ? Promise.resolve(turned(...call)) : streamed(...call)), {
      progressed: (done) => told.push(done),
    });
    expect(report).toMatchObject({ contents: MANY, damaged: 0, mended: 0, unreadable: 0, findings: [] });
    expect(reads).toBe(MANY + 1);
    // What is read once more is no progress.
    expect(told.at(-1)).toBe(bytes);
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

  it('goes on after those that the storage refuses, as archived ones, however many they are altogether', async () => {
    const IN_A_ROW = 6;
    let refused = 0;
    let inARow = 0;
    async function* answered(...call: Parameters<BlobStore['stream']>): AsyncGenerator<Uint8Array, void, undefined> {
      yield* await streamed(...call);
      inARow = 0;
    }
    const report = await verified((...call) => {
      if (inARow >= IN_A_ROW) return Promise.resolve(answered(...call));
      inARow++;
      refused++;
      throw new StoreUnavailable('403 InvalidObjectState');
    });
    expect(refused).toBeGreaterThan(MANY / 2);
    expect(report).toMatchObject({ contents: MANY, unreadable: refused, brokenOff: null });
    expect(report.findings).toHaveLength(refused);
    expect(report.findings[0]).toMatchObject({ reason: 'unreadable', detail: '403 InvalidObjectState' });
  });

  it('goes on after one that the storage gives no answer about when what seems damaged is looked at again', async () => {
    const { blobs, operational } = world.stores;
    let looks = 0;
    const damaged = new DamagedContents({
      operational,
      blobs: changed(blobs, {
        stat: (key) => (++looks === 1 ? Promise.reject(new StoreUnavailable('no bucket')) : blobs.stat(key)),
      }),
    });
    let reads = 0;
    const stream: BlobStore['stream'] = (key, range) => {
      if (++reads <= 2) throw new ContentMissing(key.digest);
      return streamed(key, range);
    };
    const report = await verified(stream, { damaged });
    expect(report).toMatchObject({ contents: MANY, damaged: 0, unreadable: 2, brokenOff: null });
    expect(report.findings.map(({ detail }) => detail)).toContain('no bucket');
  });

  it('gives up the storage when it is away, and reports what was found until then', async () => {
    let [reads, other] = [0, ''];
    const report = await verified((...call) => {
      const { digest } = call[0];
      if (++reads === 1) other = digest;
      if (digest === other) return Promise.resolve(otherBytes());
      if (reads <= 20) return streamed(...call);
      throw new StoreUnavailable('away');
    });
    const unreadable = report.findings.filter(({ reason }) => reason === 'unreadable');
    expect(report).toMatchObject({ damaged: 1, unreadable: unreadable.length, brokenOff: 'away' });
    expect(report.findings).toHaveLength(unreadable.length + 1);
    // One that was begun before them may have been answered after the first of them, and the last may have been two.
    expect(unreadable.length).toBeGreaterThanOrEqual(8);
    expect(unreadable.length).toBeLessThanOrEqual(12);
    expect(reads).toBe(20 + unreadable.length);
    // The one that seemed to be damaged was read twice.
    expect(report.contents).toBe(reads - 1);
  });

  it.each<readonly [what: string, stream: BlobStore['stream']]>([
    ['what seems damaged', () => Promise.resolve(otherBytes())],
    ['what seems whole', (...call) => streamed(...call)],
    ['what the storage refuses', () => Promise.reject(new StoreUnavailable('403 Forbidden'))],
  ])('ends at once when the records are away: %s', async (_what, stream) => {
    let reads = 0;
    const { blobs, operational: present } = world.stores;
    const get = (): Promise<never> => Promise.reject(new StoreUnavailable('the records are away'));
    const operational = changed(present, { get });
    const ended = verified(
      (...call) => {
        reads++;
        return stream(...call);
      },
      { operational, damaged: new DamagedContents({ blobs, operational }) },
    );
    await expect(ended).rejects.toThrow('the records are away');
    // What seems to be damaged is read twice.
    expect(reads).toBeLessThanOrEqual(4);
  });

  it('ends with the chunk that it is at when it is not wanted any more', async () => {
    const ending = new AbortController();
    const reason = new Error('the caller has gone away');
    let [opened, chunks, closed] = [0, 0, 0];
    async function* long(): AsyncGenerator<Uint8Array, void, undefined> {
      opened++;
      try {
        for (; chunks < 1_000; chunks++) {
          if (chunks === 10) ending.abort(reason);
          yield await Promise.resolve(Buffer.alloc(100));
        }
      } finally {
        closed++;
      }
    }
    const ended = verified(() => Promise.resolve(long()), { signal: ending.signal });
    await expect(ended).rejects.toBe(reason);
    expect(chunks).toBeLessThanOrEqual(12);
    expect(opened).toBeGreaterThan(0);
    expect(closed).toBe(opened);
  });
});
