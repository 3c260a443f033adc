import { MarkedPlace } from '../commands/markedPlace.js';
import type { Side } from '../commands/migration/side.js';
import type { Config } from '../config/config.js';
import { systemClock, systemIds } from './core.js';
import type { EmbeddedStores } from './embedded.js';
import type { Failed } from './failed.js';
import { keepOut } from './keepOut.js';
import { nodeName } from './node.js';
import { openStores, type OpenStores } from './stores.js';

/** An installation that is open for this process alone. */
export type Installation = Side & {
  /** @throws MigrationRefused if somebody began to serve it meanwhile */
  assertAlone(): Promise<void>;
  close(): Promise<void>;
};

/** Appends that share a commit of the embedded log: enough to keep its writer busy. */
const APPENDS_AT_ONCE = 256;

/** Whoever has one of them publishes, or signs the log, by himself. */
const LEASES = ['relay', 'housekeeping'];

/** What fails in the background is tried again by itself; what a migration itself cannot do ends it. */
const failed: Failed = (what, error) => {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
};

/**
 * Opens what a migration needs of an installation, and keeps those out who would serve it.
 *
 * @throws MigrationRefused, FolderLocked if somebody serves it
 */
export async function openInstallation(config: Config): Promise<Installation> {
  const stores = await openStores(config, failed);
  try {
    await stores.proveBlobs();
    await new MarkedPlace(stores).claim(systemIds.next());
    return stores.sole ? onOneMachine(stores) : await onEngines(stores, config);
  } catch (error) {
    await stores.close();
    throw error;
  }
}

/** The folder is locked: nobody else is there. */
function onOneMachine(stores: EmbeddedStores): Installation {
  const { events, operational, keys, blobs } = stores;
  return {
    ...{ events, operational, keys, blobs },
    appendsAtOnce: APPENDS_AT_ONCE,
    // The embedded log counts its events.
    eventCount: async () => Number(await events.end()),
    assertAlone: () => Promise.resolve(),
    close: () => stores.close(),
  };
}

async function onEngines(stores: OpenStores, config: Config): Promise<Installation> {
  const { events, operational, keys, blobs } = stores;
  const seconds = config.LEASE_SECONDS;
  const alone = await keepOut({
    ...{ operational, clock: systemClock, names: LEASES, holder: nodeName(config), seconds },
    failed: (error) => {
      failed('presence', error);
    },
    waits: (what) => {
      process.stderr.write(`${what}\n`);
    },
  });
  return {
    ...{ events, operational, keys, blobs },
    appendsAtOnce: 1,
    assertAlone: () => alone.assertHeld(),
    close: async () => {
      try {
        await alone.release();
      } finally {
        await stores.close();
      }
    },
  };
}
