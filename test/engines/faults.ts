import { setImmediate } from 'node:timers/promises';
import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { PIECE_BYTES, type ObjectStore } from '../../src/adapters/blobs/objects/objectStore.js';
import { chunksOf, collect, everyOf, freshUpload, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { ContentMissing, OffsetConflict, StoreUnavailable } from '../../src/ports/errors.js';
import { FaultyProxy, type Seen } from './faultyProxy.js';

const MIB = 1024 * 1024;

/** How an engine's requests look. */
export type Requests = {
  /** Stores the piece with a number, or any. */
  readonly piece: (seen: Seen, index?: number) => boolean;
  readonly state: (seen: Seen) => boolean;
  readonly join: (seen: Seen) => boolean;
  readonly read: (seen: Seen) => boolean;
};

const any = (): boolean => true;

const same = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0;

/**
 * What a blob store makes of a network that breaks.
 *
 * @param at the engine, spoken to through another address
 * @param removesOnCondition whether the engine keeps what it promises about removing
 */
export function faultContract(
  name: string,
  engine: { readonly endpoint: string; at(endpoint: string): ObjectStore; readonly removesOnCondition: boolean },
  requests: Requests,
): void {
  describe(`faults: ${name}`, () => {
    const path = randomUUID();
    let proxy: FaultyProxy;
    let store: ObjectBlobStore;
    /** Without the faults. */
    const sound = new ObjectBlobStore(engine.at(engine.endpoint), path);
    beforeAll(async () => {
      proxy = await FaultyProxy.before(new URL(engine.endpoint));
      store = new ObjectBlobStore(engine.at(proxy.url), path);
    });
    afterEach(() => {
      proxy.heal();
    });
    afterAll(() => proxy.stop());

    it('stores a piece again whose connection was reset in its middle', async () => {
      proxy.plan((seen) => requests.piece(seen, 1), { kind: 'reset', afterBytes: MIB });
      const bytes = randomBytes(2 * PIECE_BYTES + 100);
      const upload = freshUpload();
      expect(await store.append(upload, 0, chunksOf(bytes))).toBe(bytes.byteLength);
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      expect(same(await sound.read(key), bytes)).toBe(true);
      expect(proxy.happened).toBe(1);
    });

    it('repeats what the engine was too busy for', async () => {
      const bytes = randomBytes(PIECE_BYTES + 100);
      const upload = freshUpload();
      for (const matches of [requests.piece, requests.state, requests.join, requests.read]) {
        proxy.plan((seen) => matches(seen), { kind: 'status', status: 503 });
      }
      await store.append(upload, 0, chunksOf(bytes));
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      expect(same(await store.read(key), bytes)).toBe(true);
      expect(proxy.happened).toBe(4);
    });

    it('knows its own state again when the answer to its writing got lost', async () => {
      proxy.plan(requests.state, { kind: 'lost' });
      const bytes = randomBytes(1000);
      const upload = freshUpload();
      expect(await store.append(upload, 0, chunksOf(bytes))).toBe(1000);
      expect(same(await collect(sound.readUpload(upload, 1000)), bytes)).toBe(true);
      expect(proxy.happened).toBe(1);
    });

    it('has the content when the answer to its joining got lost', async () => {
      const bytes = randomBytes(PIECE_BYTES + 100);
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes));
      proxy.plan(requests.join, { kind: 'lost' });
      const key = keyOf(bytes);
      await store.finish(upload, key, bytes.byteLength);
      expect(same(await sound.read(key), bytes)).toBe(true);
      expect(await everyOf(sound.listUploads())).not.toContain(upload);
      expect(proxy.happened).toBe(1);
    });

    it.each(['cut', 'short'] as const)('reads on where an answer ends early: %s', async (kind) => {
      const bytes = randomBytes(3 * MIB);
      const key = keyOf(bytes);
      await sound.put(key, bytes);
      for (const afterBytes of [0, MIB, 5]) proxy.plan(requests.read, { kind, afterBytes });
      expect(same(await collect(await store.stream(key)), bytes)).toBe(true);
      proxy.plan(requests.read, { kind, afterBytes: 1000 });
      const part = await collect(await store.stream(key, { start: 7, end: 2 * MIB }));
      expect(same(part, bytes.subarray(7, 2 * MIB + 1))).toBe(true);
      expect(proxy.happened).toBe(4);
    });

    it('says that a content is missing when it is deleted while it is read', async () => {
      const bytes = randomBytes(2 * MIB);
      const key = keyOf(bytes);
      await sound.put(key, bytes);
      proxy.plan(requests.read, { kind: 'cut', afterBytes: MIB });
      const reading = await store.stream(key);
      await sound.delete(key);
      await expect(collect(reading)).rejects.toThrow(ContentMissing);
    });

    it('keeps what it acknowledged while the engine is away, and goes on afterwards', async () => {
      const bytes = randomBytes(3000);
      const upload = freshUpload();
      await store.append(upload, 0, chunksOf(bytes.subarray(0, 1000)));
      proxy.plan(any, { kind: 'status', status: 503 }, Infinity);
      const away = [
        store.append(upload, 1000, chunksOf(bytes.subarray(1000))),
        store.finish(upload, keyOf(bytes), 1000),
        store.stat(keyOf(bytes)),
        store.read(keyOf(bytes)),
      ];
      for (const outcome of await Promise.allSettled(away)) {
        expect(outcome).toMatchObject({ status: 'rejected' });
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(StoreUnavailable);
      }
      proxy.heal();
      expect(await store.append(upload, 1000, chunksOf(bytes.subarray(1000)))).toBe(3000);
      expect(same(await collect(store.readUpload(upload, 3000)), bytes)).toBe(true);
    });

    (engine.removesOnCondition ? it : it.skip)('lets a writer win who came while another one joined', async () => {
      const [bytes, more] = [randomBytes(PIECE_BYTES + 100), randomBytes(100)];
      const upload = freshUpload();
      await sound.append(upload, 0, chunksOf(bytes));
      let goOn = (): void => undefined;
      const until = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      proxy.plan(requests.join, { kind: 'held', until });
      const losing = expect(store.finish(upload, keyOf(bytes), bytes.byteLength)).rejects.toThrow(OffsetConflict);
      // A writer who was done before the other one looked would have been no conflict.
      while (proxy.happened === 0) await setImmediate();
      const end = bytes.byteLength + 100;
      expect(await sound.append(upload, bytes.byteLength, chunksOf(more))).toBe(end);
      goOn();
      await losing;
      expect(same(await collect(sound.readUpload(upload, end)), Buffer.concat([bytes, more]))).toBe(true);
    });
  });
}
