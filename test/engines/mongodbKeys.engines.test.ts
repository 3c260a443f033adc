import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Binary } from 'mongodb';
import { type Db, type MongoClient } from 'mongodb';
import '../support/patience.js';
import { keyStoreContract } from '../../src/adapters/keys/contract.js';
import { WrongMasterKey } from '../../src/adapters/keys/masterKeyring.js';
import { MongoKeyStore } from '../../src/adapters/keys/mongodb.js';
import { sharedKeyStoreContract } from '../../src/adapters/keys/sharedContract.js';
import { keyTransferContract } from '../../src/adapters/keys/transferContract.js';
import { NotUnwrapped } from '../../src/adapters/keys/wrapping.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { KeyDestroyed } from '../../src/ports/keyStore.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';

const engine = await mongoEngine();

type Stored = { readonly _id: string; readonly wrapped: Binary | null };

if (engine) {
  const { connection } = engine;
  const name = newDatabaseName();
  const masterKey = randomBytes(32);
  const clients: MongoClient[] = [];
  const database = async (): Promise<Db> => {
    const client = await connectMongo(connection);
    clients.push(client);
    return client.db(name);
  };
  const open = async (key: Uint8Array = masterKey): Promise<MongoKeyStore> => MongoKeyStore.open(await database(), key);
  const closeClients = async (): Promise<void> => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
  };
  const reopen = (): Promise<MongoKeyStore> => open();
  afterAll(async () => {
    await (await database()).dropDatabase();
    await closeClients();
    await engine.stop();
  });

  describe('the key store on MongoDB', () => {
    keyStoreContract(async () => ({ store: await open(), reopen, close: closeClients }));
    keyTransferContract(async () => ({ store: await open(), reopen, close: closeClients }));
    sharedKeyStoreContract(async () => {
      const openTwo = (): Promise<readonly [MongoKeyStore, MongoKeyStore]> => Promise.all([open(), open()]);
      return { store: await openTwo(), reopen: openTwo, close: closeClients };
    });

    it('refuses another master key, and one of a wrong length', async () => {
      await open();
      await expect(open(randomBytes(32))).rejects.toThrow(WrongMasterKey);
      await expect(open(randomBytes(16))).rejects.toThrow(RangeError);
      await closeClients();
    });

    it('gives no key in clear to the server, and leaves nothing of a destroyed one in its collection', async () => {
      const [store, db] = [await open(), await database()];
      const kept = async (): Promise<readonly Stored[]> => db.collection<Stored>('keys').find().toArray();
      const key = await store.ensure('account:clear');
      const found = (await kept()).find(({ _id }) => _id === 'account:clear');
      expect(found?.wrapped?.value()).toHaveLength(12 + 32 + 16);
      expect(Buffer.from(found?.wrapped?.value() ?? []).includes(Buffer.from(key))).toBe(false);
      await store.destroy('account:clear');
      expect((await kept()).find(({ _id }) => _id === 'account:clear')).toEqual({
        _id: 'account:clear',
        wrapped: null,
      });
      await closeClients();
    });

    it('does not take the key of one subject for that of another', async () => {
      const [store, db] = [await open(), await database()];
      await store.ensure('account:1');
      await store.ensure('account:2');
      const keys = db.collection<Stored>('keys');
      const one = await keys.findOne({ _id: 'account:1' });
      await keys.updateOne({ _id: 'account:2' }, { $set: { wrapped: one?.wrapped ?? null } });
      await expect(store.get('account:2')).rejects.toThrow(NotUnwrapped);
      await closeClients();
    });

    it('seals no longer than five seconds with what another process destroyed', async () => {
      const [store, other] = [await open(), await open()];
      await store.ensure('account:late');
      await other.destroy('account:late');
      const begun = performance.now();
      const refused = async (): Promise<boolean> => {
        try {
          await store.ensure('account:late');
          return false;
        } catch (error) {
          expect(error).toBeInstanceOf(KeyDestroyed);
          return true;
        }
      };
      while (!(await refused())) await sleep(50);
      expect(performance.now() - begun).toBeLessThan(6_000);
      await closeClients();
    });
  });
} else {
  it.skip('the key store on MongoDB: there is no server', () => undefined);
}
