/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, this engine is not */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import { KeyDestroyed, KeyTaken, type KeptKey, type KeyStore, type KeyTransfer } from '../../ports/keyStore.js';
import { migrate, type Connection, type Migrations } from '../sqlite/database.js';
import { makeDurableFolder } from '../sqlite/durable.js';
import { isSameKey, MasterKeyring, PROBE, WrongMasterKey } from './masterKeyring.js';
import { KEY_BYTES, NotUnwrapped } from './wrapping.js';

/** A destroyed key is a row whose `wrapped` is null: the tombstone keeps it from being made again. */
const schema: Migrations = [
  `
  CREATE TABLE keys (subject TEXT PRIMARY KEY NOT NULL, wrapped BLOB) STRICT, WITHOUT ROWID;
  CREATE TABLE secrets (name TEXT PRIMARY KEY NOT NULL, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID;
  `,
];

const FILE = 'keys.sqlite';
const UNWRAPPED_KEYS = 10_000;
/** Entries that are read in one go. */
const PAGE = 500;

/**
 * Keys and secrets in `keys.sqlite`, in a folder that only its owner may enter. Written on the caller's thread: an
 * `ensure` that makes a key, and `destroy`, wait for the disk. What is deleted is overwritten with zeros, and the
 * rollback journal is cut off after every transaction; what the disk itself keeps, nobody can tell.
 */
export class SqliteKeyStore implements KeyStore, KeyTransfer {
  readonly #db: Connection;
  readonly #keyring: MasterKeyring;
  readonly #unwrapped = new LRUCache<string, Uint8Array>({ max: UNWRAPPED_KEYS });
  readonly #statements;

  /**
   * @param folder made if it is not there
   * @param masterKey 32 bytes
   * @throws WrongMasterKey
   */
  constructor(folder: string, masterKey: Uint8Array) {
    this.#keyring = new MasterKeyring(masterKey);
    this.#db = openKeys(folder);
    this.#statements = {
      key: this.#db.prepare<[string], Uint8Array | null>('SELECT wrapped FROM keys WHERE subject = ?').pluck(),
      addKey: this.#db.prepare<[string, Uint8Array]>('INSERT INTO keys (subject, wrapped) VALUES (?, ?)'),
      destroy: this.#db.prepare<[string]>(
        'INSERT INTO keys (subject, wrapped) VALUES (?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL',
      ),
      secret: this.#db.prepare<[string], Uint8Array>('SELECT wrapped FROM secrets WHERE name = ?').pluck(),
      addSecret: this.#db.prepare<[string, Uint8Array]>(
        'INSERT INTO secrets (name, wrapped) VALUES (?, ?) ON CONFLICT DO NOTHING',
      ),
      keysAfter: this.#db
        .prepare<[string, number], [string, Uint8Array | null]>(
          'SELECT subject, wrapped FROM keys WHERE subject > ? ORDER BY subject LIMIT ?',
        )
        .raw(),
      secretsAfter: this.#db
        .prepare<[string, number], [string, Uint8Array]>(
          'SELECT name, wrapped FROM secrets WHERE name > ? ORDER BY name LIMIT ?',
        )
        .raw(),
    };
    this.#checkMasterKey(folder);
  }

  async ensure(subject: string): Promise<Uint8Array> {
    const known = this.#key(subject);
    if (known === 'destroyed') throw new KeyDestroyed(subject);
    if (known) return Uint8Array.from(known);
    const key = randomBytes(KEY_BYTES);
    this.#statements.addKey.run(subject, this.#keyring.wrapKey(subject, key));
    this.#unwrapped.set(subject, key);
    return Uint8Array.from(key);
  }

  async get(subject: string): Promise<Uint8Array | 'destroyed' | undefined> {
    const known = this.#key(subject);
    return known === undefined || known === 'destroyed' ? known : Uint8Array.from(known);
  }

  async destroy(subject: string): Promise<void> {
    this.#unwrapped.get(subject)?.fill(0);
    this.#unwrapped.delete(subject);
    this.#statements.destroy.run(subject);
  }

  async ensureSecret(name: string, make: () => Promise<string>): Promise<string> {
    return this.#secret(name) ?? this.#addSecret(name, await make());
  }

  async *entries(): AsyncGenerator<KeptKey, void, undefined> {
    const keys = (after: string) => this.#statements.keysAfter.all(after, PAGE);
    for (const [name, wrapped] of pages(keys)) {
      const key = wrapped === null ? 'destroyed' : this.#keyring.unwrapKey(name, wrapped);
      yield { kind: 'key', name, key };
    }
    const secrets = (after: string) => this.#statements.secretsAfter.all(after, PAGE);
    for (const [name, wrapped] of pages(secrets)) {
      if (name === PROBE) continue;
      yield {
        kind: 'secret',
        name,
        secret: this.#keyring.unwrapSecret(name, wrapped),
      };
    }
  }

  /** All of them in one transaction: one wait for the disk. */
  async take(entries: readonly KeptKey[]): Promise<void> {
    this.#db.transaction(() => {
      for (const entry of entries) {
        if (entry.kind === 'secret') this.#takeSecret(entry);
        else this.#takeKey(entry);
      }
    })();
  }

  close(): void {
    this.#db.close();
    this.#unwrapped.clear();
  }

  #key(subject: string): Uint8Array | 'destroyed' | undefined {
    const known = this.#unwrapped.get(subject);
    if (known) return known;
    const wrapped = this.#statements.key.get(subject);
    if (wrapped === undefined) return undefined;
    if (wrapped === null) return 'destroyed';
    const key = this.#keyring.unwrapKey(subject, wrapped);
    this.#unwrapped.set(subject, key);
    return key;
  }

  #takeKey(entry: Extract<KeptKey, { readonly kind: 'key' }>): void {
    const { name, key } = entry;
    const wrapped = this.#statements.key.get(name);
    if (key === 'destroyed') {
      if (wrapped === null) return;
      this.#unwrapped.delete(name);
      this.#statements.destroy.run(name);
    } else if (wrapped === undefined) {
      this.#statements.addKey.run(name, this.#keyring.wrapKey(name, key));
    } else if (wrapped === null || !isSameKey(this.#keyring.unwrapKey(name, wrapped), key)) {
      throw new KeyTaken(entry);
    }
  }

  #takeSecret(entry: Extract<KeptKey, { readonly kind: 'secret' }>): void {
    if (this.#addSecret(entry.name, entry.secret) !== entry.secret) throw new KeyTaken(entry);
  }

  #secret(name: string): string | undefined {
    const wrapped = this.#statements.secret.get(name);
    return wrapped && this.#keyring.unwrapSecret(name, wrapped);
  }

  /** Of two that were made at once the first one stays. */
  #addSecret(name: string, made: string): string {
    this.#statements.addSecret.run(name, this.#keyring.wrapSecret(name, made));
    return this.#secret(name) ?? made;
  }

  #checkMasterKey(folder: string): void {
    try {
      if (this.#secret(PROBE) === undefined) this.#addSecret(PROBE, PROBE);
    } catch (error) {
      this.#db.close();
      throw error instanceof NotUnwrapped ? new WrongMasterKey(folder) : error;
    }
  }
}

/** Whether the folder holds keys already, so that their master key must be known. */
export const keysFileOf = (folder: string): string => join(folder, FILE);

/** In pages, so that no statement is open while others write. */
function* pages<Row extends readonly [string, ...unknown[]]>(read: (after: string) => readonly Row[]): Iterable<Row> {
  for (let after = ''; ;) {
    const page = read(after);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    after = last[0];
  }
}

function openKeys(folder: string): Connection {
  makeDurableFolder(folder, 0o700);
  const path = keysFileOf(folder);
  // The engine would make the file readable by all; its journal takes the mode of the file.
  closeSync(openSync(path, 'a', 0o600));
  const db = new Database(path);
  try {
    db.pragma('journal_mode = TRUNCATE');
    db.pragma('synchronous = FULL');
    db.pragma('secure_delete = ON');
    migrate(db, schema);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
