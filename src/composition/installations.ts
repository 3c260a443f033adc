import { openEventStoreDb } from '../adapters/eventstore/eventstoredb/eventStoreDb.js';
import { MongoKeyStore } from '../adapters/keys/mongodb.js';
import { connectMongo } from '../adapters/mongodb/client.js';
import { MongoOperationalStore } from '../adapters/operational/mongodb.js';
import type { Side } from '../commands/migration/side.js';
import type { Config } from '../config/config.js';
import { blobPlace } from './blobs.js';
import { certificateAuthorities } from './certificateAuthorities.js';
import { openEmbedded } from './embedded.js';
import { everyStep } from './everyStep.js';
import { keepOut } from './keepOut.js';
import { masterKeyOf } from './masterKey.js';

/** An installation that is open for this process alone. */
export type Installation = Side & {
  /** @throws MigrationRefused if somebody began to serve it meanwhile */
  assertAlone(): void;
  close(): Promise<void>;
};

/** Appends that share a commit of the embedded log: enough to keep its writer busy. */
const APPENDS_AT_ONCE = 256;

/** Whoever has one of them publishes, or signs the log, by himself. */
const LEASES = ['relay', 'housekeeping'];

/**
 * Opens what a migration needs of an installation, and keeps those out who would serve it.
 *
 * @throws MigrationRefused, FolderLocked if somebody serves it
 */
export const openInstallation = (config: Config): Promise<Installation> =>
  config.EVENT_STORE === 'embedded' ? onOneMachine(config) : onEngines(config);

async function onOneMachine(config: Config): Promise<Installation> {
  const stores = await openEmbedded(config);
  try {
    await stores.proveBlobs();
  } catch (error) {
    await stores.close();
    throw error;
  }
  const { events, operational, keys, blobs } = stores;
  return {
    ...{ events, operational, keys, blobs },
    appendsAtOnce: APPENDS_AT_ONCE,
    // The embedded log counts its events.
    eventCount: async () => Number(await events.end()),
    // The folder is locked.
    assertAlone: () => undefined,
    close: () => stores.close(),
  };
}

async function onEngines(config: Config): Promise<Installation> {
  const closing: (() => Promise<void>)[] = [];
  const close = (): Promise<void> => everyStep(closing.toReversed());
  try {
    const authorities = await certificateAuthorities(config.folder);
    const events = openEventStoreDb(config.EVENTSTORE_CONNECTION ?? '', authorities);
    closing.push(() => events.close());
    await events.check();
    const client = await connectMongo(config.MONGODB_CONNECTION ?? '');
    closing.push(() => client.close());
    const operational = new MongoOperationalStore(client.db(`${config.MONGODB_DATABASE}-operational`));
    const masterKey = await masterKeyOf(config);
    if (!masterKey) throw new Error('engines need MASTER_KEY or MASTER_KEY_FILE');
    const keys = await MongoKeyStore.open(client.db(`${config.MONGODB_DATABASE}-keys`), masterKey);
    const { blobs, prove } = await blobPlace(config);
    await prove();
    const alone = await keepOut({
      ...{ operational, names: LEASES, seconds: config.LEASE_SECONDS },
      holder: config.NODE_NAME ?? `migration ${process.pid}`,
    });
    closing.push(() => alone.release());
    return {
      ...{ events, operational, keys, blobs, close },
      appendsAtOnce: 1,
      assertAlone: () => {
        alone.assertHeld();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
