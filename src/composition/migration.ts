import { MigrationRefused } from '../commands/migration/refusals.js';
import type { Side } from '../commands/migration/side.js';
import type { Config } from '../config/config.js';
import { CHECKPOINTS as CONSUMER_PLACES } from '../adapters/bus/groupCheckpoint.js';
import { DEAD_LETTERS } from '../adapters/bus/embedded.js';
import { CHECKPOINT_PLACES } from '../workers/checkpointPlace.js';
import { openEmbedded } from './embedded.js';
import { existingLog } from './offline.js';

/** Appends that share a commit of the embedded log: enough to keep its writer busy. */
const APPENDS_AT_ONCE = 256;

/** Collections of records that name places in the log: of signatures, of consumers of the embedded bus, of what those gave up. */
export const placeRecords: readonly string[] = [CHECKPOINT_PLACES, CONSUMER_PLACES, DEAD_LETTERS];

/** Both installations, open for this process alone. */
export type BothSides = { readonly source: Side; readonly target: Side };

type Open = Side & { close(): Promise<void> };

/**
 * Opens the installations of two configurations, does something with them and closes them.
 *
 * @throws MigrationRefused if they are one and the same; FolderLocked if somebody serves one of them
 */
export async function withBothSides<Result>(
  from: Config,
  to: Config,
  act: (sides: BothSides) => Promise<Result>,
): Promise<Result> {
  if (from.DATA_PATH === to.DATA_PATH) {
    throw new MigrationRefused(`source and target are the same: both keep their data in ${from.DATA_PATH}`);
  }
  existingLog(from);
  const source = await open(from);
  try {
    const target = await open(to);
    try {
      return await act({ source, target });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function open(config: Config): Promise<Open> {
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
    close: () => stores.close(),
  };
}
