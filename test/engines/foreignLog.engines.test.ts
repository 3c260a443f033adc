import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { newStream, sampleEvent } from '../../src/adapters/eventstore/sampleEvents.js';
import { MongoKeyStore } from '../../src/adapters/keys/mongodb.js';
import { connectMongo } from '../../src/adapters/mongodb/client.js';
import { openDistributed } from '../../src/composition/distributed.js';
import { loadConfig } from '../../src/config/load.js';
import { EventStoreDbStandIn } from './eventstoredb/standIn.js';
import { mongoEngine, newDatabaseName } from './mongodb.js';

const mongo = await mongoEngine();

/** The configuration of one registry was copied for another one, and its prefix stayed. */
describe('a log that another registry writes', () => {
  if (!mongo) {
    it.skip('has no MongoDB', () => undefined);
    return;
  }
  let log: EventStoreDbStandIn;
  let database: string;
  const masterKey = randomBytes(32);
  beforeEach(async () => {
    [log, database] = [await EventStoreDbStandIn.start(), newDatabaseName()];
    const east = openEventStoreDb(log.connection, { streamPrefix: 'east' });
    await east.append(newStream(), [sampleEvent()], 'no-stream');
    await east.close();
  });
  afterEach(async () => {
    const client = await connectMongo(mongo.connection);
    for (const name of [database, `${database}-operational`, `${database}-keys`]) await client.db(name).dropDatabase();
    await client.close();
    await log.stop();
  });
  afterAll(() => mongo.stop());

  const open = async (streamPrefix: string): Promise<void> => {
    const settings = {
      ...{ EVENT_STORE: 'eventstoredb', EVENTSTORE_CONNECTION: log.connection, EVENTSTORE_STREAM_PREFIX: streamPrefix },
      ...{ READ_STORE: 'mongodb', MONGODB_CONNECTION: mongo.connection, MONGODB_DATABASE: database },
      ...{ EVENT_BUS: 'kafka', KAFKA_BROKERS: 'nobody.invalid:9092', MASTER_KEY: masterKey.toString('hex') },
      DISTRIBUTED_STORAGE_CONFIG: { far: ['S3Storage', { s3_bucket: 'tidemark', storage_path: '/' }] },
    };
    const { config } = loadConfig({ QUAY_OVERRIDE_CONFIG: JSON.stringify(settings) }, '/nowhere');
    const stores = await openDistributed(config, (_what, error) => {
      throw error;
    });
    await stores.close();
  };

  it('is refused, and left as it is, until the prefix is its own', async () => {
    for (let time = 0; time < 2; time++)
      await expect(open('east')).rejects.toThrow(/^the log of streams with the prefix east has events/);
    await open('west');
  });

  it('is taken by who has its keys, and wrote nothing down yet', async () => {
    const client = await connectMongo(mongo.connection);
    const keys = await MongoKeyStore.open(client.db(`${database}-keys`), masterKey);
    await expect(open('east')).rejects.toThrow('no keys for them');
    await keys.ensureSecret('checkpoint-key', () => Promise.resolve('secret'));
    await client.close();
    await open('east');
  });
});
