import { afterAll, beforeAll, describe } from '@jest/globals';
import { eventStoreContract } from '../../src/adapters/eventstore/contract.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';

describe('EventStoreDB', () => {
  let standIn: EventStoreDbStandIn;
  beforeAll(async () => {
    standIn = await EventStoreDbStandIn.start();
  });
  afterAll(() => standIn.stop());
  eventStoreContract(() => {
    let store = openEventStoreDb(standIn.connection);
    return Promise.resolve({
      get store() {
        return store;
      },
      async reopen() {
        await store.close();
        store = openEventStoreDb(standIn.connection);
        return store;
      },
      close: () => store.close(),
    });
  });
});
