import { join } from 'node:path';
import { MongoDocumentStore } from '../adapters/documents/mongodb/store.js';
import { openEventStoreDb, type EventStoreDbEventStore } from '../adapters/eventstore/eventstoredb/eventStoreDb.js';
import { MongoKeyStore } from '../adapters/keys/mongodb.js';
import { connectMongo } from '../adapters/mongodb/client.js';
import { MongoOperationalStore } from '../adapters/operational/mongodb.js';
import { FileSnapshots } from '../adapters/snapshots/files.js';
import type { Config } from '../config/config.js';
import { assertBelonging } from './belonging.js';
import { blobPlace } from './blobs.js';
import { certificateAuthorities } from './certificateAuthorities.js';
import type { Stores } from './core.js';
import { everyStep } from './everyStep.js';
import type { Failed } from './failed.js';
import { masterKeyOf } from './masterKey.js';

/** Engines that many processes share; what lies below the data folder is worth nothing by itself. */
export type DistributedStores = Stores & {
  readonly sole: false;
  readonly documents: MongoDocumentStore;
  readonly keys: MongoKeyStore;
  proveBlobs(): Promise<void>;
  close(): Promise<void>;
};

/** @throws StoreUnavailable if an engine is away; Error in one line if one cannot be used */
export async function openDistributed(config: Config, failed: Failed): Promise<DistributedStores> {
  const closing: (() => unknown)[] = [];
  try {
    const events = await openLogOnEngine(config);
    closing.unshift(() => events.close());
    const authorities = await certificateAuthorities(config.folder);
    const client = await connectMongo(given(config, 'MONGODB_CONNECTION'), authorities);
    closing.unshift(() => client.close());
    const name = config.MONGODB_DATABASE;
    const operational = new MongoOperationalStore(client.db(`${name}-operational`));
    const keyDatabase = client.db(`${name}-keys`);
    await assertBelonging(operational, config.EVENTSTORE_STREAM_PREFIX, `MongoDB's ${name}`, {
      events,
      // The store that is opened leaves something there.
      hasKeys: () => MongoKeyStore.hasKeys(keyDatabase),
    });
    const masterKey = await masterKeyOf(config);
    if (!masterKey) throw new Error('MASTER_KEY is needed: all processes must have the same');
    const keys = await MongoKeyStore.open(keyDatabase, masterKey);
    const documents = await MongoDocumentStore.open(client, {
      database: name,
      failed: (error) => {
        failed('read models', error);
      },
    });
    closing.unshift(() => documents.close());
    const { blobs, prove } = await blobPlace(config);
    return {
      ...{ events, operational, documents, keys, blobs },
      snapshots: new FileSnapshots(join(config.DATA_PATH, 'snapshots')),
      oneWriter: false,
      sole: false,
      proveBlobs: prove,
      close: () => everyStep(closing),
    };
  } catch (error) {
    await everyStep(closing);
    throw error;
  }
}

/** @throws as `openDistributed` does */
export async function openLogOnEngine(config: Config): Promise<EventStoreDbEventStore> {
  const authorities = await certificateAuthorities(config.folder);
  const events = openEventStoreDb(given(config, 'EVENTSTORE_CONNECTION'), {
    authorities,
    streamPrefix: config.EVENTSTORE_STREAM_PREFIX,
  });
  try {
    await events.check();
    return events;
  } catch (error) {
    await events.close();
    throw error;
  }
}

/** The checks of the configuration have found it. */
function given(config: Config, key: 'EVENTSTORE_CONNECTION' | 'MONGODB_CONNECTION'): string {
  const value = config[key];
  if (value === undefined) throw new Error(`${key} is needed`);
  return value;
}
