import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import '../support/patience.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';
import { Toxiproxy, type Line } from './toxiproxy.js';

const engine = await mongoEngine();
const network = engine?.through ? await Toxiproxy.start() : undefined;
const through = engine?.through;
/** No call takes longer than the client allows, and a moment for a busy machine. */
const MOST_MILLISECONDS = 22_000;

if (engine && network && through) {
  const name = newDatabaseName();
  const collection = 'records';
  let line: Line;
  let client: MongoClient;
  let store: MongoOperationalStore;

  const put = (key: string, expected: number): Promise<void> =>
    store.write([{ kind: 'put', collection, key, value: { expected }, expected }]);
  const versionOf = async (key: string): Promise<number> => (await store.get(collection, key))?.version ?? 0;

  /** How long it took until it was said that the server is away, in milliseconds. */
  async function awayAfter(asked: Promise<unknown>): Promise<number> {
    const begun = performance.now();
    await expect(asked).rejects.toThrow(StoreUnavailable);
    return performance.now() - begun;
  }

  beforeAll(async () => {
    line = await network.to(new URL(engine.connection.replace('mongodb://', 'http://')));
    client = await connectMongo(through(line.host));
    store = new MongoOperationalStore(client.db(name));
  });
  afterEach(() => line.heal());
  afterAll(async () => {
    await client.db(name).dropDatabase();
    await client.close();
    await network.stop();
    await engine.stop();
  });

  describe('MongoDB behind a bad line', () => {
    it('is away at the start, in one line', async () => {
      await line.cut();
      const starting = connectMongo(through(line.host));
      expect(await awayAfter(starting)).toBeLessThan(MOST_MILLISECONDS);
      await expect(starting).rejects.toThrow(/^MongoDB is away: [^\n]+$/);
    });

    it('is away while the line is cut, and there again when it is healed', async () => {
      await put('cut', 0);
      await line.cut();
      expect(await awayAfter(put('cut', 1))).toBeLessThan(MOST_MILLISECONDS);
      expect(await awayAfter(store.get(collection, 'cut'))).toBeLessThan(MOST_MILLISECONDS);
      expect(await awayAfter(store.list(collection, { limit: 1 }))).toBeLessThan(MOST_MILLISECONDS);
      await line.heal();
      await put('cut', 1);
      expect(await versionOf('cut')).toBe(2);
    });

    it('is not waited for without end when it says nothing', async () => {
      await put('silent', 0);
      await line.silence();
      const [reading, writing] = await Promise.all([
        awayAfter(store.get(collection, 'silent')),
        awayAfter(put('silent', 1)),
      ]);
      expect(Math.max(reading, writing)).toBeLessThan(MOST_MILLISECONDS);
      await line.heal();
      expect(await versionOf('silent')).toBeGreaterThan(0);
    });

    it('never lets a write whose answer was lost look like one that lost to another', async () => {
      for (let round = 0; round < 2; round++) {
        const key = `lost ${round}`;
        await put(key, 0);
        await line.breakAfter(0, ['down']);
        await awayAfter(put(key, 1));
        await awayAfter(put(`${key} and new`, 0));
        await line.heal();
        // Whoever asks can see what became of it.
        const version = await versionOf(key);
        expect([1, 2]).toContain(version);
        await put(key, version);
        await put(`${key} and new`, await versionOf(`${key} and new`));
      }
    });
  });

  (engine.own ? describe : describe.skip)('MongoDB that dies', () => {
    it('keeps what it acknowledged and is there again by itself', async () => {
      let [acknowledged, unknown, ended] = [0, 0, false];
      const counting = (async () => {
        for (let n = 0; !ended; n++) {
          try {
            await store.write([{ kind: 'put', collection, key: `kept ${n}`, value: { n }, expected: 0 }]);
            acknowledged++;
          } catch (error) {
            expect(error).toBeInstanceOf(StoreUnavailable);
            unknown++;
          }
        }
      })();
      for (let round = 1; round <= 3; round++) {
        const before = acknowledged;
        await until(() => acknowledged >= before + 20);
        await engine.own?.end();
        await engine.own?.again();
      }
      const before = acknowledged;
      await until(() => acknowledged >= before + 20);
      ended = true;
      await counting;
      const kept = await store.list(collection, { prefix: 'kept ', limit: acknowledged + unknown + 1 });
      expect(unknown).toBeGreaterThan(0);
      expect(kept.length).toBeGreaterThanOrEqual(acknowledged);
      expect(kept.length).toBeLessThanOrEqual(acknowledged + unknown);
    });
  });
} else {
  it.skip('faults of MongoDB: there is no server, or no line to it', () => undefined);
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it never came true');
    await new Promise(setImmediate);
  }
}
