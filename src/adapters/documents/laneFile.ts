/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, this engine is not */
import { existsSync } from 'node:fs';
import Database from 'better-sqlite3';
import { START, type Position } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Collection, CollectionSpec, DocumentWrite, Lane, LaneSpec } from '../../ports/documentStore.js';
import { CheckpointRegressed } from '../../ports/errors.js';
import type { Connection } from '../sqlite/database.js';
import { CollectionWriter } from './collectionWriter.js';
import { createIndexes, createTables } from './laneSchema.js';
import { LaneShapeChanged, shapeOf } from './laneShape.js';
import { SqliteCollection } from './sqliteCollection.js';

/**
 * How a lane's file is written.
 *
 * - `serving`: readers, a checkpointing thread and one writer at a time; a crash leaves it whole, a power cut may take
 *   the latest commits, whose events are then fed again.
 * - `building`: one connection, which locks all others out, at full speed; worth nothing after a crash. Indexes are made when a query first needs
 *   them or when the build is finished: in one go that costs a fraction of keeping them up at every write.
 */
export type LaneFileMode = 'serving' | 'building';

/** What is open of one collection: its documents for readers, and for the writer. */
type OpenCollection = { readonly documents: SqliteCollection<JsonObject>; readonly writer: CollectionWriter };

/** What a commit leaves in the write-ahead log, roughly. */
const PAGES_PER_COMMIT = 2;
const PAGES_PER_WRITE = 3;

/** Files are read through a memory map up to this size: no copy and no system call for what the kernel holds. */
const MAPPED_BYTES = 256 * 1024 * 1024;
/** Changed pages, and what lies beyond the map. */
const CACHE_KIB = { serving: 4_096, building: 131_072 };

/**
 * Opens the file of one lane, making it if it is not there. A rebuild on a thread of its own opens the file that
 * `SqliteDocumentStore.build` named, as `building`, commits to it, and closes it before the build is activated.
 *
 * @throws LaneShapeChanged if the file was made for other collections or indexes
 */
export const openLaneFile = (path: string, spec: LaneSpec, mode: LaneFileMode): LaneFile =>
  new LaneFile(path, spec, mode);

export class LaneFile implements Lane {
  readonly #db: Connection;
  readonly #spec: LaneSpec;
  readonly #collections = new Map<string, OpenCollection>();
  readonly #statements;
  #indexed: boolean;
  #pagesWritten = 0;

  constructor(path: string, spec: LaneSpec, mode: LaneFileMode) {
    this.#spec = spec;
    this.#db = new Database(path);
    try {
      configure(this.#db, mode);
      createIfEmpty(this.#db, spec);
      this.#indexed = mode === 'serving';
      if (this.#indexed) this.createIndexes();
      this.#statements = {
        begin: this.#db.prepare('BEGIN IMMEDIATE'),
        commit: this.#db.prepare('COMMIT'),
        rollback: this.#db.prepare('ROLLBACK'),
        checkpoint: this.#db.prepare<[], string>('SELECT checkpoint FROM lane').pluck(),
        advance: this.#db.prepare<[string, string]>('UPDATE lane SET checkpoint = ? WHERE checkpoint <= ?'),
      };
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Pages that commits have written since `checkpointed`: a generous estimate. */
  get pagesWritten(): number {
    return this.#pagesWritten;
  }

  checkpointed(): void {
    this.#pagesWritten = 0;
  }

  /** The connection, for maintenance. */
  get connection(): Connection {
    return this.#db;
  }

  async checkpoint(): Promise<Position> {
    return this.checkpointNow();
  }

  checkpointNow(): Position {
    return (this.#statements.checkpoint.get() ?? START) as Position;
  }

  collection<Document extends JsonObject>(name: string): Collection<Document> {
    return this.#open(name).documents as Collection<JsonObject> as Collection<Document>;
  }

  async commit(writes: readonly DocumentWrite[], checkpoint: Position): Promise<void> {
    const { begin, commit, rollback, advance } = this.#statements;
    begin.run();
    try {
      if (advance.run(checkpoint, checkpoint).changes === 0)
        throw new CheckpointRegressed(this.#spec.projection, checkpoint);
      this.#write(writes);
      commit.run();
      this.#pagesWritten += PAGES_PER_COMMIT + PAGES_PER_WRITE * writes.length;
    } catch (error) {
      for (const { writer } of this.#collections.values()) writer.forget();
      if (this.#db.inTransaction) rollback.run();
      throw error;
    }
  }

  /** Makes the indexes that are not there yet. */
  createIndexes(): void {
    for (const collection of this.#spec.collections) this.#db.exec(createIndexes(collection));
    this.#indexed = true;
    for (const { writer } of this.#collections.values()) writer.indexed();
  }

  close(): void {
    this.#db.close();
  }

  #write(writes: readonly DocumentWrite[]): void {
    for (const { collection, key, document } of writes) {
      const { writer } = this.#open(collection);
      if (document) writer.put(key, document);
      else writer.remove(key);
    }
    for (const { writer } of this.#collections.values()) writer.flush();
  }

  #open(name: string): OpenCollection {
    const known = this.#collections.get(name);
    if (known) return known;
    const spec = this.#spec.collections.find((collection) => collection.name === name);
    if (!spec) throw new RangeError(`projection ${this.#spec.projection} declares no collection ${name}`);
    const opened = this.#prepare(spec);
    this.#collections.set(name, opened);
    return opened;
  }

  #prepare(spec: CollectionSpec): OpenCollection {
    const beforeFind = (): void => {
      if (!this.#indexed) this.createIndexes();
    };
    return {
      documents: new SqliteCollection(this.#db, spec, beforeFind),
      writer: new CollectionWriter(this.#db, spec, this.#indexed),
    };
  }
}

/**
 * The checkpoint of an active lane whose file is not open here.
 *
 * @returns undefined if the file is lost, damaged, or no lane's: then it has to be built anew
 */
export function readCheckpoint(path: string): Position | undefined {
  if (!existsSync(path)) return undefined;
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], string>('SELECT checkpoint FROM lane').pluck().get() as Position | undefined;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  } finally {
    db.close();
  }
}

/** Not a database, a broken one, or one without the table that every lane has. */
const isDamage = (error: unknown): boolean =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  /^SQLITE_(?:NOTADB|CORRUPT.*|ERROR)$/.test(String(error.code));

function configure(db: Connection, mode: LaneFileMode): void {
  db.pragma(mode === 'serving' ? 'journal_mode = WAL' : 'journal_mode = MEMORY');
  db.pragma(mode === 'serving' ? 'synchronous = NORMAL' : 'synchronous = OFF');
  db.pragma('wal_autocheckpoint = 0');
  db.pragma(`locking_mode = ${mode === 'serving' ? 'NORMAL' : 'EXCLUSIVE'}`);
  db.pragma(`cache_size = -${CACHE_KIB[mode]}`);
  db.pragma(`mmap_size = ${MAPPED_BYTES}`);
}

function createIfEmpty(db: Connection, spec: LaneSpec): void {
  const isLane = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'lane'").get() !== undefined;
  if (!isLane) {
    db.transaction(() => {
      db.exec(createTables(spec));
      db.prepare<[string, string]>('INSERT INTO lane VALUES (1, ?, ?)').run(shapeOf(spec), START);
    })();
  }
  const shape = db.prepare<[], string>('SELECT shape FROM lane').pluck().get();
  if (shape !== shapeOf(spec)) throw new LaneShapeChanged(spec);
}
