import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileSystemBlobStore } from '../../src/adapters/blobs/filesystem.js';
import { FolderObjects } from '../../src/adapters/blobs/objects/folder/folderObjects.js';
import { ObjectBlobStore } from '../../src/adapters/blobs/objects/objectBlobStore.js';
import type { SmallContentStore } from '../../src/adapters/blobs/smallContents.js';
import { SqliteSmallContents } from '../../src/adapters/blobs/sqliteSmallContents.js';
import { openForWriting, type Connection } from '../../src/adapters/sqlite/database.js';
import type { BlobStore } from '../../src/ports/blobStore.js';
import { openLog } from '../../src/adapters/sqlite/log.js';
import { logSchema } from '../../src/adapters/sqlite/logSchema.js';

/**
 * Where the traced program keeps small contents: in files like all others, or in the log's database; or in the store that
 * several processes share.
 */
export type SmallIn = 'files' | 'database' | 'shared';

export const smallInOf = (text: string): SmallIn => (text === 'database' || text === 'shared' ? text : 'files');

export type OpenBlobs = { readonly store: BlobStore; close(): Promise<void> };

export const blobFolder = (root: string): string => join(root, 'blobs');
const logFile = (root: string): string => join(root, 'log.sqlite');

/** Opens the store as a start of the registry does. */
export async function openBlobs(root: string, smallIn: SmallIn): Promise<OpenBlobs> {
  if (smallIn === 'shared') {
    const store = new ObjectBlobStore(new FolderObjects(blobFolder(root)), '');
    return { store, close: () => Promise.resolve() };
  }
  if (smallIn === 'files') return { store: new FileSystemBlobStore(blobFolder(root)), close: () => Promise.resolve() };
  const log = await openLog(logFile(root));
  return {
    store: new FileSystemBlobStore(blobFolder(root), new SqliteSmallContents(log)),
    close: () => log.close(),
  };
}

/** Opens what a loss of power left: the database, where there is one, without a thread of its own, which is quicker. */
export function reopenBlobs(root: string, smallIn: SmallIn): Promise<OpenBlobs> {
  if (smallIn !== 'database' || !existsSync(logFile(root))) return openBlobs(root, smallIn);
  const log = openForWriting(logFile(root), 'FULL', logSchema);
  return Promise.resolve({
    store: new FileSystemBlobStore(blobFolder(root), new DirectContents(log)),
    close: () => {
      log.close();
      return Promise.resolve();
    },
  });
}

/** The same table as `SqliteSmallContents` has, written on this thread. */
class DirectContents implements SmallContentStore {
  readonly #log: Connection;

  constructor(log: Connection) {
    this.#log = log;
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    this.#log.prepare('INSERT OR REPLACE INTO contents (key, bytes) VALUES (?, ?)').run(key, bytes);
    return Promise.resolve();
  }

  get(key: string): Uint8Array | undefined {
    return this.#log.prepare<[string], Uint8Array>('SELECT bytes FROM contents WHERE key = ?').pluck().get(key);
  }

  delete(key: string): Promise<void> {
    this.#log.prepare('DELETE FROM contents WHERE key = ?').run(key);
    return Promise.resolve();
  }

  list(prefix = ''): Iterable<{ readonly key: string; readonly size: number }> {
    const all = this.#log.prepare<[], { key: string; size: number }>('SELECT key, length(bytes) AS size FROM contents');
    return all.all().filter(({ key }) => key.startsWith(prefix));
  }
}
