import { afterAll, describe, it } from '@jest/globals';
import '../support/patience.js';
import { documentStoreContract } from '../../src/adapters/documents/contract.js';
import { MongoDocumentStore } from '../../src/adapters/documents/mongodb/store.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';

const engine = await mongoEngine();

if (engine) {
  const client = await connectMongo(engine.connection);
  const database = newDatabaseName();
  afterAll(async () => {
    await client.db(database).dropDatabase();
    await client.close();
    await engine.stop();
  });
  const failed = (error: unknown): never => {
    throw error;
  };
  describe('read models on MongoDB', () => {
    documentStoreContract(async () => {
      let store = await MongoDocumentStore.open(client, { database, failed });
      return {
        store,
        reopen: async () => {
          await store.close();
          store = await MongoDocumentStore.open(client, { database, failed });
          return store;
        },
        close: () => store.close(),
      };
    }, 'kept');
  });
} else {
  it.skip('read models on MongoDB: there is no server', () => undefined);
}
