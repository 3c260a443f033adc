import { once } from 'node:events';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import '../support/patience.js';
import { timestamp } from '../../src/domain/shared/time.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { operationalStoreContract } from '../../src/adapters/operational/contract.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import { sharedOperationalStoreContract } from '../../src/adapters/operational/sharedContract.js';
import { Lease, type Holding } from '../../src/workers/lease.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';

const engine = await mongoEngine();

if (engine) {
  const { connection } = engine;
  const name = newDatabaseName();
  const clients: MongoClient[] = [];
  const connect = async (): Promise<MongoClient> => {
    const client = await connectMongo(connection);
    clients.push(client);
    return client;
  };
  const open = async (): Promise<MongoOperationalStore> => new MongoOperationalStore((await connect()).db(name));
  const closeClients = async (): Promise<void> => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  };
  afterAll(async () => {
    await (await connect()).db(name).dropDatabase();
    await closeClients();
    await engine.stop();
  });

  describe('the operational store on MongoDB', () => {
    operationalStoreContract(async () => ({ store: await open(), reopen: open, close: closeClients }));

    sharedOperationalStoreContract(async () => {
      const openTwo = (): Promise<readonly MongoOperationalStore[]> => Promise.all([open(), open()]);
      return { store: await openTwo(), reopen: openTwo, close: closeClients };
    });

    it('carries a lease from one process to the next, with a fence that rises', async () => {
      const failures: unknown[] = [];
      const held: (readonly [string, number])[] = [];
      const turns = Array.from({ length: 3 }, () => Promise.withResolvers<undefined>());
      const contend = async (holder: string): Promise<Holding> => {
        const failed = (error: unknown): void => {
          failures.push(error);
        };
        const lease = new Lease({ operational: await open(), name: 'projector', holder, seconds: 2, failed });
        return lease.hold(async ({ fence, signal }) => {
          turns[held.length]?.resolve(undefined);
          held.push([holder, fence]);
          if (!signal.aborted) await once(signal, 'abort');
        });
      };
      const first = await contend('first');
      await turns[0]?.promise;
      const others = await Promise.all(['second', 'third'].map(contend));
      await first.stop();
      await turns[1]?.promise;
      const [next, last] = others[0]?.held ? others : others.toReversed();
      expect([first.held, next?.held, last?.held]).toEqual([false, true, false]);
      await next?.stop();
      await turns[2]?.promise;
      await last?.stop();
      expect(new Set(held.map(([holder]) => holder)).size).toBe(3);
      const fences = held.map(([, fence]) => fence);
      expect(fences).toEqual([...new Set(fences)].sort((one, other) => one - other));
      expect(failures).toEqual([]);
      await closeClients();
    });

    it('asks for what is due by an index, which records that never are do without', async () => {
      const db = (await connect()).db(name);
      const store = new MongoOperationalStore(db);
      await store.write([{ kind: 'put', collection: 'plain', key: 'a', value: {} }]);
      await store.due('timed', { until: timestamp(0), limit: 1 });
      const keysOf = async (collection: string): Promise<unknown> =>
        (await db.collection(collection).indexes()).map((index) => index.key);
      expect(await keysOf('plain')).toEqual([{ _id: 1 }]);
      expect(await keysOf('timed')).toEqual([{ _id: 1 }, { due: 1, _id: 1 }]);
      await closeClients();
    });
  });
} else {
  it.skip('the operational store on MongoDB: there is no server', () => undefined);
}
