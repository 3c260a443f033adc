import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteDocumentStore } from '../documents/sqlite.js';
import { SqliteEventStore } from '../eventstore/sqlite.js';
import { loadMasterKey, loadOrCreateMasterKey } from '../keys/masterKey.js';
import { keysFileOf, SqliteKeyStore } from '../keys/sqlite.js';
import { SqliteOperationalStore } from '../operational/sqlite.js';
import { makeDurableFolder } from './durable.js';
import { lockFolder } from './lock.js';
import { openLog, type Log } from './log.js';

export type EmbeddedSettings = {
  /** Made if it is not there. */
  readonly folder: string;
  /** 32 bytes that wrap all keys; without it they are in `keys/master.key`, made at the first start. */
  readonly masterKey?: Uint8Array | undefined;
};

/** The stores of one data folder, owned by this process until they are closed. */
export type EmbeddedEngines = {
  readonly events: SqliteEventStore;
  readonly operational: SqliteOperationalStore;
  readonly documents: SqliteDocumentStore;
  readonly keys: SqliteKeyStore;
  /** The file that events and operational records share, for whatever else shares its commits. */
  readonly log: Log;
  close(): Promise<void>;
};

/** Where the log of a data folder lies. */
export const logPathOf = (folder: string): string => join(folder, 'log.sqlite');

/**
 * Opens everything below a data folder: `log.sqlite`, `readmodels/`, `keys/`.
 *
 * @throws FolderLocked if another process has it open
 * @throws WrongMasterKey
 */
export async function openEmbeddedStores({ folder, masterKey }: EmbeddedSettings): Promise<EmbeddedEngines> {
  makeDurableFolder(folder, 0o700);
  const closing: (() => void | Promise<void>)[] = [lockFolder(folder)];
  /** Latest first; the lock is given back even where a store cannot be closed. */
  const close = async (): Promise<void> => {
    const step = closing.pop();
    if (!step) return;
    try {
      await step();
    } finally {
      await close();
    }
  };

  try {
    const keysFolder = join(folder, 'keys');
    const keys = new SqliteKeyStore(keysFolder, masterKey ?? masterKeyIn(keysFolder));
    closing.push(() => {
      keys.close();
    });
    const log = await openLog(logPathOf(folder));
    closing.push(() => log.close());
    const documents = new SqliteDocumentStore(join(folder, 'readmodels'));
    closing.push(() => documents.close());
    const events = new SqliteEventStore(log);
    closing.push(() => {
      events.close();
    });
    return { events, operational: new SqliteOperationalStore(log), documents, keys, log, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where there are keys, a fresh master key would only hide that theirs was lost. */
function masterKeyIn(folder: string): Uint8Array {
  const path = join(folder, 'master.key');
  return existsSync(keysFileOf(folder)) ? loadMasterKey(path) : loadOrCreateMasterKey(path);
}
