import { join } from 'node:path';
import { FileSystemBlobStore } from '../adapters/blobs/filesystem.js';
import { SqliteSmallContents } from '../adapters/blobs/sqliteSmallContents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { FileSnapshots } from '../adapters/snapshots/files.js';
import type { SnapshotStore } from '../ports/snapshotStore.js';
import type { BlobStore } from '../ports/blobStore.js';
import type { Config } from '../config/config.js';
import { masterKeyOf } from './masterKey.js';

/** The stores of one machine: everything below the data folder, owned by this process alone. */
export type EmbeddedStores = EmbeddedEngines & {
  readonly blobs: BlobStore;
  readonly snapshots: SnapshotStore;
  readonly oneWriter: true;
  readonly logPath: string;
};

/** @throws if another process owns the folder, or its keys were wrapped by another master key */
export async function openEmbedded(config: Config): Promise<EmbeddedStores> {
  const folder = config.DATA_PATH;
  const engines = await openEmbeddedStores({ folder, masterKey: await masterKeyOf(config) });
  const snapshots = new FileSnapshots(join(folder, 'snapshots'));
  const blobs = new FileSystemBlobStore(blobFolder(config), new SqliteSmallContents(engines.log));
  return { ...engines, oneWriter: true, snapshots, blobs, logPath: join(folder, 'log.sqlite') };
}

/** Where blobs lie: the first local storage that is configured, else below the data folder. */
function blobFolder(config: Config): string {
  const [first] = config.DISTRIBUTED_STORAGE_PREFERENCE;
  const locations = config.DISTRIBUTED_STORAGE_CONFIG;
  const location = locations.find(({ id }) => id === first) ?? locations[0];
  return location?.driver === 'LocalStorage' ? location.parameters.storage_path : join(config.DATA_PATH, 'blobs');
}
