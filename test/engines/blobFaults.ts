import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ObjectStore } from '../../src/adapters/blobs/objects/objectStore.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { chunksOf, collect, freshUpload, keyOf } from '../../src/adapters/blobs/sampleContents.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, digestOf, freshBytes } from '../support/v2client.js';
import { BlobLoad, type Lane } from './blobLoad.js';
import type { Engine } from './engine.js';
import type { Line, Toxiproxy } from './toxiproxy.js';

/* A registry under load whose object store is cut off, slow, broken or gone: what it says, what it keeps, and that it recovers. */

const [PUSHING, PULLING] = [3, 2];

const succeeded = ({ succeeded: times }: Lane): number => times;
const failed = ({ refused, brokeOff }: Lane): number => refused + brokeOff;
const attempted = (lane: Lane): number => succeeded(lane) + failed(lane);

export type Subject = {
  readonly endpoint: string;
  /** The same bucket through another address, given up after a second without an answer. */
  readonly impatient: (endpoint: string) => ObjectStore;
  readonly storage: (endpoint: string, path: string) => string;
  readonly own: Engine['own'];
};

/**
 * What becomes of a registry, and of the store beneath it, when the line to its object store fails.
 */
export function blobFaultContract(
  name: string,
  network: Toxiproxy,
  { endpoint, impatient, storage, own }: Subject,
): void {
  describe(`blobs while the object store fails: ${name}`, () => {
    const path = randomUUID();
    let line: Line;
    let registry: RegistryProcess;
    let load: BlobLoad;
    let acknowledged = 0;
    const recovered: string[] = [];

    beforeAll(async () => {
      line = await network.to(new URL(endpoint));
      registry = await RegistryProcess.start({
        DISTRIBUTED_STORAGE_CONFIG: storage(`http://${line.host}`, path),
        FEATURE_PROXY_STORAGE: 'true',
      });
      await registry.createUser('alice');
    });
    beforeEach(async () => {
      load = new BlobLoad(registry);
      load.start(PUSHING, PULLING);
      await load.each(succeeded);
    });
    afterEach(async () => {
      await line.heal();
      await load.stop();
    });
    afterAll(async () => {
      process.stderr.write(`\n${name} was back, and after so many ms every client had been served:\n`);
      for (const text of recovered) process.stderr.write(`  ${text}\n`);
      closeConnections();
      await registry.stop();
    });

    /** The fault is over: everybody is served again by himself, and nothing was lost or mixed up. */
    const recovers = async (fault: string, heal: () => Promise<void>): Promise<void> => {
      await heal();
      recovered.push(`${fault}: ${Math.round(await load.each(succeeded))}`);
      await load.stop();
      expect(load.wrong).toEqual([]);
      expect(await load.lost()).toEqual([]);
      acknowledged += load.stored.size;
    };

    it('cut off: 503 until the line is back', async () => {
      await line.cut();
      await load.each(failed);
      await recovers('cut off', () => line.heal());
    });

    it('reset: connections break in the middle of what they carry', async () => {
      // A download goes on where it broke off: there it may be that nobody notices.
      await line.breakAfter(1_000_000);
      await load.each(attempted);
      await recovers('reset', () => line.heal());
    });

    it('every connection is reset at its first bytes', async () => {
      await line.reset();
      await load.each(failed);
      await recovers('reset at once', () => line.heal());
    });

    it('late and slow: everybody is served, later', async () => {
      await line.delay(30, 10);
      await line.limit(10_000);
      await load.each(succeeded);
      await recovers('late by 30 ms each way, 10 MB/s for each connection', () => line.heal());
    });

    (own ? it : it.skip)('gone: its process dies in the middle of everything and comes again', async () => {
      await own?.end();
      await load.each(failed);
      await recovers('restarted', async () => own?.again());
    });

    it('has no content under a digest that it does not have, whatever happened', async () => {
      const store = new ObjectBlobStore(impatient(endpoint), path);
      let contents = 0;
      for await (const key of store.list()) {
        expect(digestOf(await collect(await store.stream(key)))).toBe(key.digest);
        contents += 1;
      }
      expect(contents).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBeGreaterThan(0);
    });
  });

  it(`gives a silent object store up after a while, and uses it again when it answers: ${name}`, async () => {
    const line = await network.to(new URL(endpoint));
    const store = new ObjectBlobStore(impatient(`http://${line.host}`), randomUUID());
    const bytes = freshBytes(3_000_000);
    const key = keyOf(bytes);
    await store.put(key, bytes);
    const stream = (await store.stream(key))[Symbol.asyncIterator]();
    const first = await stream.next();
    await line.silence();
    const upload = freshUpload();
    const away = [store.put(key, bytes), store.append(upload, 0, chunksOf(bytes)), store.stat(key), store.read(key)];
    for (const outcome of await Promise.allSettled(away)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    await line.heal();
    // What was being read goes on where it was.
    const rest = await collect({ [Symbol.asyncIterator]: () => stream });
    expect(Buffer.compare(Buffer.concat([first.value ?? Buffer.alloc(0), rest]), bytes)).toBe(0);
    expect(await store.stat(key)).toBe(bytes.byteLength);
    expect(await store.append(upload, 0, chunksOf(bytes))).toBe(bytes.byteLength);
  });
}
