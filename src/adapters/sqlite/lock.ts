import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Connection } from './database.js';

const LOCK = 'lock.sqlite';

/** Another process has the folder open (or this one, twice). */
export class FolderLocked extends Error {
  constructor(readonly folder: string) {
    super(`the data folder ${folder} is in use by another process: only one may open its stores`);
    this.name = 'FolderLocked';
  }
}

/**
 * Makes this process the only one that opens the stores of a folder. The lock is the operating system's and dies with
 * the process, however that ends; the file stays and means nothing by itself.
 *
 * @returns what gives the folder free again
 * @throws FolderLocked
 */
export function lockFolder(folder: string): () => void {
  const db = new Database(join(folder, LOCK), { timeout: 0 });
  try {
    // In rollback mode an exclusive transaction excludes readers, too; it is never committed.
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw isBusy(error) ? new FolderLocked(folder) : error;
  }
  return () => {
    release(db);
  };
}

function release(db: Connection): void {
  if (db.inTransaction) db.exec('ROLLBACK');
  db.close();
}

const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
