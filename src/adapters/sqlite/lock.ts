import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** Another process owns the folder. */
export class FolderLocked extends Error {
  constructor(folder: string) {
    super(`another process is using ${folder}: stop it first, or give this one another data folder`);
    this.name = 'FolderLocked';
  }
}

/**
 * Makes this process the only owner of a data folder. The lock is the operating system's, on a file of its own, so it
 * goes with the process however that ends.
 *
 * @returns a function that gives the folder back
 * @throws FolderLocked
 */
export function lockFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const db = new Database(join(folder, 'lock.sqlite'), { timeout: 0 });
  try {
    db.pragma('journal_mode = DELETE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) throw new FolderLocked(folder);
    throw cause;
  }
  return () => {
    db.close();
  };
}
