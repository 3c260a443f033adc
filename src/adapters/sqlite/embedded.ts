import { join } from 'node:path';
import { SqliteDocumentStore } from '../documents/sqlite.js';
import { SqliteEventStore } from '../eventstore/sqlite.js';
import { SqliteKeyStore } from '../keys/sqlite.js';
import { SqliteOperationalStore } from '../operational/sqlite.js';
import { lockFolder } from './lock.js';
import { openLog, type Log } from './log.js';

export type EmbeddedEngines = {
  readonly log: Log;
  readonly events: SqliteEventStore;
  readonly operational: SqliteOperationalStore;
  readonly documents: SqliteDocumentStore;
  readonly keys: SqliteKeyStore;
  /** Commits what is pending and gives the folder back. */
  close(): Promise<void>;
};

/** All engines of one data folder, which this process owns until they are closed. @throws FolderLocked, WrongMasterKey */
export async function openEmbeddedStores(options: {
  readonly folder: string;
  /** 32 bytes. */
  readonly masterKey: Uint8Array;
}): Promise<EmbeddedEngines> {
  const { folder, masterKey } = options;
  const unlock = lockFolder(folder);
  try {
    const keys = new SqliteKeyStore(join(folder, 'keys'), masterKey);
    const log = await openLog(join(folder, 'log.sqlite'));
    const events = new SqliteEventStore(log);
    const documents = new SqliteDocumentStore(join(folder, 'readmodels'));
    return {
      ...{ log, events, documents, keys, operational: new SqliteOperationalStore(log) },
      close: async () => {
        events.close();
        await documents.close();
        await log.close();
        keys.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
