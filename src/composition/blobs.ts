import { join } from 'node:path';
import { FileSystemBlobStore } from '../adapters/blobs/filesystem.js';
import { reasonOf } from '../adapters/blobs/objects/reasons.js';
import type { SmallContentStore } from '../adapters/blobs/smallContents.js';
import type { Config } from '../config/config.js';
import { preferredStorage } from '../config/storageChecks.js';
import type { BlobStore } from '../ports/blobStore.js';
import { certificateAuthorities } from './certificateAuthorities.js';
import { objectStoreOf } from './objectStores.js';

export type BlobPlace = {
  readonly blobs: BlobStore;
  /** Whether small contents are committed by the writer of the log. */
  readonly inLog: boolean;
  /** Proves that the store can be used, before the registry serves. @throws Error that names the location */
  readonly prove: () => Promise<void>;
};

/** The blob store that the configuration names; of a remote one nothing is asked yet. */
export async function blobPlace(config: Config, small: SmallContentStore): Promise<BlobPlace> {
  const location = preferredStorage(config);
  if (location === undefined || location.driver === 'LocalStorage') {
    const folder = location?.parameters.storage_path ?? join(config.DATA_PATH, 'blobs');
    return { blobs: new FileSystemBlobStore(folder, small), inLog: true, prove: () => Promise.resolve() };
  }
  const { objects, path } = await objectStoreOf(location, await certificateAuthorities(config.folder));
  // The clients of the engines are large: only who uses one loads it.
  const { ObjectBlobStore } = await import('../adapters/blobs/objects/objectBlobStore.js');
  const blobs = new ObjectBlobStore(objects, path, {
    links: !config.FEATURE_PROXY_STORAGE,
    endsJoins: config.FEATURE_ENABLE_STALE_MPU_CLEANUP,
  });
  const prove = async (): Promise<void> => {
    try {
      await blobs.prove();
    } catch (error) {
      throw new Error(`DISTRIBUTED_STORAGE_CONFIG.${location.id} cannot be used: ${reasonOf(error)}`, { cause: error });
    }
  };
  return { blobs, inLog: false, prove };
}
