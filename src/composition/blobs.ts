import { join } from 'node:path';
import { FileSystemBlobStore } from '../adapters/blobs/filesystem.js';
import { FolderObjects } from '../adapters/blobs/objects/folder/folderObjects.js';
import { ObjectBlobStore } from '../adapters/blobs/objects/objectBlobStore.js';
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

/**
 * The blob store that the configuration names; of a remote one nothing is asked yet.
 *
 * @param small where small contents of a folder go if its log is this process's own; undefined: several processes may use
 *   the folder, and everything lies in it
 */
export async function blobPlace(config: Config, small?: SmallContentStore): Promise<BlobPlace> {
  const location = preferredStorage(config);
  if (location === undefined || location.driver === 'LocalStorage') {
    const folder = location?.parameters.storage_path ?? join(config.DATA_PATH, 'blobs');
    if (small) return { blobs: new FileSystemBlobStore(folder, small), inLog: true, prove: () => Promise.resolve() };
    return inObjects(location?.id ?? 'default', new ObjectBlobStore(new FolderObjects(folder), ''));
  }
  const { objects, path } = await objectStoreOf(location, await certificateAuthorities(config.folder));
  const blobs = new ObjectBlobStore(objects, path, {
    links: !config.FEATURE_PROXY_STORAGE,
    endsJoins: config.FEATURE_ENABLE_STALE_MPU_CLEANUP,
  });
  return inObjects(location.id, blobs);
}

function inObjects(id: string, blobs: ObjectBlobStore): BlobPlace {
  const prove = async (): Promise<void> => {
    try {
      await blobs.prove();
    } catch (error) {
      throw new Error(`DISTRIBUTED_STORAGE_CONFIG.${id} cannot be used: ${reasonOf(error)}`, { cause: error });
    }
  };
  return { blobs, inLog: false, prove };
}
