import { join } from 'node:path';
import { SqliteSmallContents } from '../adapters/blobs/sqliteSmallContents.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { FileSnapshots } from '../adapters/snapshots/files.js';
import type { SnapshotStore } from '../ports/snapshotStore.js';
import type { BlobStore } from '../ports/blobStore.js';
import type { Config } from '../config/config.js';
import { blobPlace } from './blobs.js';
import { masterKeyOf } from './masterKey.js';

/** The stores of one machine: everything below the data folder, owned by this process alone; blobs may lie elsewhere. */
export type EmbeddedStores = EmbeddedEngines & {
  readonly blobs: BlobStore;
  readonly snapshots: SnapshotStore;
  readonly oneWriter: boolean;
  readonly sole: true;
  /** Proves that the blob store, which may be elsewhere, can be used. @throws Error with one line for the administrator */
  proveBlobs(): Promise<void>;
  readonly logPath: string;
};

/** @throws if another process owns the folder, or its keys were wrapped by another master key */
export async function openEmbedded(config: Config): Promise<EmbeddedStores> {
  const folder = config.DATA_PATH;
  const engines = await openEmbeddedStores({ folder, masterKey: await masterKeyOf(config) });
  try {
    const snapshots = new FileSnapshots(join(folder, 'snapshots'));
    const { blobs, inLog, prove } = await blobPlace(config, new SqliteSmallContents(engines.log));
    return {
      ...{ ...engines, snapshots, blobs },
      ...{ oneWriter: inLog, sole: true, proveBlobs: prove, logPath: join(folder, 'log.sqlite') },
    };
  } catch (error) {
    await engines.close();
    throw error;
  }
}
