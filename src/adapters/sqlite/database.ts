import Database from 'better-sqlite3';

export type Connection = Database.Database;

/** SQL that brings a file from schema version `n` to `n + 1`, where `n` is the place in the list. */
export type Migrations = readonly string[];

/**
 * The one connection that writes a file, in WAL mode. Checkpoints are never made on its own account
 * (`wal_autocheckpoint = 0`): a commit must not be made to wait for them by accident, see `checkpointer.ts`.
 *
 * @param synchronous `FULL`: a commit survives a power cut. `NORMAL`: it survives a crash of the process, and after a
 *   power cut the file is whole but may have lost the latest commits.
 */
export function openForWriting(
  path: string,
  synchronous: 'FULL' | 'NORMAL' | 'OFF',
  migrations: Migrations,
): Connection {
  const db = new Database(path);
  try {
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${synchronous}`);
    db.pragma('wal_autocheckpoint = 0');
    migrate(db, migrations);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A connection that only reads. @throws if there is no such file, or it was written by a newer version */
export function openForReading(path: string, migrations: Migrations): Connection {
  const db = new Database(path, { readonly: true, fileMustExist: true });
  try {
    const version = schemaVersion(db);
    if (version !== migrations.length) throw new UnknownSchema(path, version, migrations.length);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Brings the file to the newest schema, each step in a transaction of its own. @throws UnknownSchema */
export function migrate(db: Connection, migrations: Migrations): void {
  const version = schemaVersion(db);
  if (version > migrations.length) throw new UnknownSchema(db.name, version, migrations.length);
  migrations.slice(version).forEach((sql, step) => {
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`user_version = ${version + step + 1}`);
    }).immediate();
  });
}

/** The file's schema is not one that this version of the program knows. */
export class UnknownSchema extends Error {
  constructor(path: string, found: number, known: number) {
    super(`${path} has schema version ${found}, this program knows ${known}: run the version that wrote it`);
    this.name = 'UnknownSchema';
  }
}

export type CheckpointMode = 'PASSIVE' | 'TRUNCATE';

/**
 * Moves what the write-ahead log holds into the database file.
 *
 * @returns whether all of it was moved, so that the log starts anew with the next write
 */
export function checkpoint(db: Connection, mode: CheckpointMode): boolean {
  const [busy, inLog, moved] =
    db.prepare<[], [number, number, number]>(`PRAGMA wal_checkpoint(${mode})`).raw().get() ?? [];
  return busy === 0 && inLog === moved;
}

const schemaVersion = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));
