import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Binary, MongoServerError, type Collection, type Db, type UpdateFilter } from 'mongodb';
import { KeyDestroyed, KeyTaken, type KeptKey, type KeyStore, type KeyTransfer } from '../../ports/keyStore.js';
import { reached } from '../mongodb/client.js';
import { isSameKey, MasterKeyring, PROBE, WrongMasterKey } from './masterKeyring.js';
import { KEY_BYTES, NotUnwrapped } from './wrapping.js';

/** `wrapped` null: a destroyed key. The tombstone keeps it from being made again. */
type Wrapped = { readonly _id: string; readonly wrapped: Binary | null };

/** The server gives up a query by itself before the one who asked does. */
const LIMITS = { maxTimeMS: 10_000 };
const DUPLICATE_KEY = 11_000;
/** Entries that are read or written in one go. */
const PAGE = 500;
/** Keys of the instance are never destroyed, so what was read of them stays true. */
const PERMANENT = 'instance:';
/** So long a key may be sealed with that another process has destroyed: what was sealed reads as erased at once. */
const KEPT_MILLISECONDS = 5_000;
const KEPT_KEYS = 10_000;

/**
 * Keys and secrets in a MongoDB database of their own. They are wrapped before they leave the process, and durable on a
 * majority before anybody gets them.
 *
 * To open what was sealed, a key is read from the primary each time; a process that does not know yet that another one
 * destroyed it may seal with it for five seconds. What `destroy` removes is gone from the collection; the server's log of
 * operations, its files and backups keep the wrapped bytes until they are overwritten.
 */
export class MongoKeyStore implements KeyStore, KeyTransfer {
  readonly #keys: Collection<Wrapped>;
  readonly #secrets: Collection<Wrapped>;
  readonly #kept = new LRUCache<string, Uint8Array>({ max: KEPT_KEYS, ttl: KEPT_MILLISECONDS });
  readonly #permanent = new Map<string, Uint8Array>();

  private constructor(
    db: Db,
    private readonly keyring: MasterKeyring,
  ) {
    this.#keys = db.collection<Wrapped>('keys');
    this.#secrets = db.collection<Wrapped>('secrets');
  }

  /**
   * @param masterKey 32 bytes
   * @throws WrongMasterKey
   * @throws StoreUnavailable
   */
  static async open(db: Db, masterKey: Uint8Array): Promise<MongoKeyStore> {
    const store = new MongoKeyStore(db, new MasterKeyring(masterKey));
    try {
      await store.ensureSecret(PROBE, () => Promise.resolve(PROBE));
    } catch (error) {
      throw error instanceof NotUnwrapped ? new WrongMasterKey(db.databaseName) : error;
    }
    return store;
  }

  /** Whether there is any key or secret, whoever can open it; changes nothing. @throws StoreUnavailable */
  static async hasKeys(db: Db): Promise<boolean> {
    for (const name of ['keys', 'secrets']) {
      const entries = db.collection<Wrapped>(name);
      if (await reached('the key store', () => entries.findOne({ _id: { $ne: PROBE } }, LIMITS))) return true;
    }
    return false;
  }

  async ensure(subject: string): Promise<Uint8Array> {
    const kept = this.#permanent.get(subject) ?? this.#kept.get(subject);
    if (kept) return Uint8Array.from(kept);
    let key = await this.get(subject);
    if (key === undefined) {
      await this.#add(this.#keys, subject, this.keyring.wrapKey(subject, randomBytes(KEY_BYTES)));
      key = await this.get(subject);
    }
    if (key === 'destroyed') throw new KeyDestroyed(subject);
    if (key === undefined) throw new Error(`the key of ${subject} was taken out of the database by hand`);
    (subject.startsWith(PERMANENT) ? this.#permanent : this.#kept).set(subject, Uint8Array.from(key));
    return key;
  }

  async get(subject: string): Promise<Uint8Array | 'destroyed' | undefined> {
    const wrapped = await this.#wrapped(this.#keys, subject);
    if (wrapped === undefined) return undefined;
    if (wrapped === null) return 'destroyed';
    return Uint8Array.from(this.keyring.unwrapKey(subject, wrapped));
  }

  async destroy(subject: string): Promise<void> {
    await this.#run(() => this.#keys.updateOne({ _id: subject }, { $set: { wrapped: null } }, { upsert: true }));
    for (const kept of [this.#kept, this.#permanent]) {
      kept.get(subject)?.fill(0);
      kept.delete(subject);
    }
  }

  async ensureSecret(name: string, make: () => Promise<string>): Promise<string> {
    const known = await this.#secret(name);
    if (known !== undefined) return known;
    await this.#add(this.#secrets, name, this.keyring.wrapSecret(name, await make()));
    const made = await this.#secret(name);
    if (made === undefined) throw new Error(`the secret ${name} was taken out of the database by hand`);
    return made;
  }

  async *entries(): AsyncGenerator<KeptKey, void, undefined> {
    for await (const { _id: name, wrapped } of this.#pages(this.#keys)) {
      yield { kind: 'key', name, key: wrapped ? this.keyring.unwrapKey(name, bytesOf(wrapped)) : 'destroyed' };
    }
    for await (const { _id: name, wrapped } of this.#pages(this.#secrets)) {
      if (name === PROBE || !wrapped) continue;
      yield { kind: 'secret', name, secret: this.keyring.unwrapSecret(name, bytesOf(wrapped)) };
    }
  }

  async take(entries: readonly KeptKey[]): Promise<void> {
    for (const part of apart(entries)) {
      await this.#takeAll(
        this.#keys,
        part.filter(({ kind }) => kind === 'key'),
      );
      await this.#takeAll(
        this.#secrets,
        part.filter(({ kind }) => kind === 'secret'),
      );
    }
  }

  /** @param entries of one kind, each name once */
  async #takeAll(collection: Collection<Wrapped>, entries: readonly KeptKey[]): Promise<void> {
    if (entries.length === 0) return;
    const operations = entries.map((entry) => ({
      updateOne: { filter: { _id: entry.name }, update: this.#taking(entry), upsert: true },
    }));
    await unlessThere(this.#run(() => collection.bulkWrite(operations, { ordered: false })));
    const names = entries.map(({ name }) => name);
    const found = new Map<string, Binary | null>();
    const reading = { ...LIMITS, batchSize: PAGE + 1 };
    for (const { _id, wrapped } of await this.#run(() => collection.find({ _id: { $in: names } }, reading).toArray())) {
      found.set(_id, wrapped);
    }
    for (const entry of entries) {
      const wrapped = found.get(entry.name);
      if (!this.#holds(entry, wrapped && bytesOf(wrapped))) throw new KeyTaken(entry);
      this.#kept.delete(entry.name);
    }
  }

  #taking(entry: KeptKey): UpdateFilter<Wrapped> {
    if (entry.kind === 'secret') return adding(this.keyring.wrapSecret(entry.name, entry.secret));
    if (entry.key === 'destroyed') return { $set: { wrapped: null } };
    return adding(this.keyring.wrapKey(entry.name, entry.key));
  }

  #holds(entry: KeptKey, wrapped: Uint8Array | null | undefined): boolean {
    if (wrapped === undefined) return false;
    if (entry.kind === 'secret') {
      return wrapped !== null && this.keyring.unwrapSecret(entry.name, wrapped) === entry.secret;
    }
    if (entry.key === 'destroyed') return wrapped === null;
    return wrapped !== null && isSameKey(this.keyring.unwrapKey(entry.name, wrapped), entry.key);
  }

  async #secret(name: string): Promise<string | undefined> {
    const wrapped = await this.#wrapped(this.#secrets, name);
    return wrapped ? this.keyring.unwrapSecret(name, wrapped) : undefined;
  }

  /**
   * What is there already stays. Either way the server answers when a majority has it, also when another process has just
   * made it, so that who reads next finds it.
   */
  async #add(collection: Collection<Wrapped>, _id: string, wrapped: Uint8Array): Promise<void> {
    await unlessThere(this.#run(() => collection.updateOne({ _id }, adding(wrapped), { upsert: true })));
  }

  async #wrapped(collection: Collection<Wrapped>, _id: string): Promise<Uint8Array | null | undefined> {
    const found = (await this.#run(() => collection.findOne({ _id }, LIMITS))) ?? undefined;
    return found && (found.wrapped === null ? null : bytesOf(found.wrapped));
  }

  async *#pages(collection: Collection<Wrapped>): AsyncGenerator<Wrapped, void, undefined> {
    for (let after = ''; ;) {
      const options = { ...LIMITS, sort: { _id: 1 }, limit: PAGE, batchSize: PAGE + 1 } as const;
      const page = await this.#run(() => collection.find({ _id: { $gt: after } }, options).toArray());
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = last._id;
    }
  }

  #run<Result>(work: () => Promise<Result>): Promise<Result> {
    return reached('the key store', work);
  }
}

/** What is there already stays. */
const adding = (wrapped: Uint8Array): UpdateFilter<Wrapped> => ({ $setOnInsert: { wrapped: new Binary(wrapped) } });

const bytesOf = (wrapped: Binary): Uint8Array => wrapped.value();

/** Two that are made at once: the other one stays. */
async function unlessThere(adding: Promise<unknown>): Promise<void> {
  try {
    await adding;
  } catch (error) {
    if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
  }
}

/** In parts that name nothing twice: of what is said of one name, the later one counts. */
function* apart(entries: readonly KeptKey[]): Iterable<readonly KeptKey[]> {
  let [part, names]: [KeptKey[], Set<string>] = [[], new Set()];
  for (const entry of entries) {
    const name = `${entry.kind} ${entry.name}`;
    if (part.length === PAGE || names.has(name)) {
      yield part;
      [part, names] = [[], new Set()];
    }
    part.push(entry);
    names.add(name);
  }
  yield part;
}
