/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, this engine is not */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { KeyDestroyed, type KeyStore } from '../../ports/keyStore.js';
import { openForWriting, type Connection } from '../sqlite/database.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const REMEMBERED = 10_000;
const CHECK = 'master-key-check';

const schema = [
  `CREATE TABLE keys (name TEXT PRIMARY KEY, wrapped BLOB) STRICT, WITHOUT ROWID;`,
];

/** The keys were wrapped by another master key than the one given. */
export class WrongMasterKey extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`the keys in ${path} were wrapped by another master key: give the one of this installation`, options);
    this.name = 'WrongMasterKey';
  }
}

/** Keys and secrets in a file of their own, wrapped by AES-256-GCM under the master key; destroyed ones leave a tombstone. */
export class SqliteKeyStore implements KeyStore {
  readonly #db: Connection;
  readonly #masterKey: Uint8Array;
  readonly #statements;
  /** Unwrapped keys that are in use; a destroyed one leaves at once. */
  readonly #known = new LRUCache<string, Uint8Array>({ max: REMEMBERED });

  /** @throws WrongMasterKey */
  constructor(folder: string, masterKey: Uint8Array) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'keys.sqlite');
    this.#db = openForWriting(path, 'FULL', schema);
    this.#db.pragma('secure_delete = ON');
    this.#masterKey = masterKey;
    this.#statements = {
      get: this.#db.prepare<[string], { wrapped: Uint8Array | null }>('SELECT wrapped FROM keys WHERE name = ?'),
      create: this.#db.prepare<[string, Uint8Array]>('INSERT INTO keys VALUES (?, ?) ON CONFLICT DO NOTHING'),
      destroy: this.#db.prepare<[string]>(
        'INSERT INTO keys VALUES (?, NULL) ON CONFLICT DO UPDATE SET wrapped = NULL',
      ),
    };
    try {
      this.#ensure(CHECK, () => randomBytes(KEY_BYTES));
    } catch (cause) {
      this.#db.close();
      throw new WrongMasterKey(path, { cause });
    }
  }

  async ensure(subject: string): Promise<Uint8Array> {
    return this.#ensure(subject, () => randomBytes(KEY_BYTES));
  }

  async get(subject: string): Promise<Uint8Array | 'destroyed' | undefined> {
    return this.#known.get(subject) ?? this.#read(subject);
  }

  async destroy(subject: string): Promise<void> {
    this.#statements.destroy.run(subject);
    this.#known.delete(subject);
    // What the write-ahead log still holds of the key goes with it.
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
  }

  async ensureSecret(name: string, make: () => Promise<string>): Promise<string> {
    const known = this.#read(`secret:${name}`);
    if (known === 'destroyed') throw new KeyDestroyed(name);
    const made = known ?? Buffer.from(await make());
    return Buffer.from(this.#ensure(`secret:${name}`, () => made)).toString('utf8');
  }

  close(): void {
    this.#db.pragma('wal_checkpoint(TRUNCATE)');
    this.#db.close();
  }

  #ensure(name: string, make: () => Uint8Array): Uint8Array {
    const known = this.#known.get(name) ?? this.#read(name);
    if (known === 'destroyed') throw new KeyDestroyed(name);
    if (known) return known;
    this.#statements.create.run(name, this.#wrap(name, make()));
    return this.#ensure(name, make);
  }

  #read(name: string): Uint8Array | 'destroyed' | undefined {
    const row = this.#statements.get.get(name);
    if (!row) return undefined;
    if (row.wrapped === null) return 'destroyed';
    const key = this.#unwrap(name, row.wrapped);
    this.#known.set(name, key);
    return key;
  }

  #wrap(name: string, key: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#masterKey, nonce).setAAD(Buffer.from(name));
    return Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  }

  #unwrap(name: string, wrapped: Uint8Array): Uint8Array {
    const decipher = createDecipheriv('aes-256-gcm', this.#masterKey, wrapped.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(name))
      .setAuthTag(wrapped.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(wrapped.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  }
}
