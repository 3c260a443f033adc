import { MongoBulkWriteError, MongoServerError, type Collection, type Db, type Filter } from 'mongodb';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Timestamp } from '../../domain/shared/time.js';
import { VersionConflict } from '../../ports/errors.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import { reached } from '../mongodb/client.js';
import { afterPrefix } from '../sqlite/text.js';
import { together, type Blind } from './together.js';

/**
 * A record in the engine. The value is JSON as text: nobody asks for its members, and so every value comes back as it was,
 * whatever its members are called.
 */
type StoredRecord = { readonly _id: string; readonly v: number; readonly value: string; readonly due: string | null };

/** The server gives up a query by itself before the one who asked does. */
const LIMITS = { maxTimeMS: 10_000 };
const DUPLICATE_KEY = 11_000;
const DUE_INDEX = 'due';
/** So many keys are asked for in one query. */
const KEYS_AT_ONCE = 1_000;
/** Two who make a record at once: one of them finds it there the next time. */
const ATTEMPTS = 5;

/**
 * Operational records in a MongoDB database of their own, a collection for each kind.
 *
 * Nothing is repeated here. Where a server takes repetitions it knows them by their number, and answers the second time what
 * it answered the first time; where an outcome stays unknown that is said (`StoreUnavailable`), and never that somebody else
 * was quicker.
 */
export class MongoOperationalStore implements OperationalStore {
  readonly #indexed = new Map<string, Promise<unknown>>();

  constructor(private readonly db: Db) {}

  async get<Value extends JsonObject>(collection: string, key: string): Promise<OperationalRecord<Value> | undefined> {
    const row = await this.#run(() => this.#records(collection).findOne({ _id: key }, LIMITS));
    return row ? parse<Value>(row) : undefined;
  }

  async getMany<Value extends JsonObject>(
    collection: string,
    keys: readonly string[],
  ): Promise<readonly (OperationalRecord<Value> | undefined)[]> {
    const wanted = [...new Set(keys)];
    const found = new Map<string, OperationalRecord<Value>>();
    for (let start = 0; start < wanted.length; start += KEYS_AT_ONCE) {
      const $in = wanted.slice(start, start + KEYS_AT_ONCE);
      for (const row of await this.#find(collection, { _id: { $in } }, { _id: 1 }, $in.length)) {
        found.set(row._id, parse(row));
      }
    }
    return keys.map((key) => found.get(key));
  }

  /** One after the other; neighbours that cannot lose, in one collection, go in one call. */
  async write(writes: readonly OperationalWrite[]): Promise<void> {
    const withDue = writes.filter((write) => write.kind === 'put' && (write.due ?? null) !== null);
    await Promise.all([...new Set(withDue.map(({ collection }) => collection))].map((name) => this.#index(name)));
    for (const part of together(writes)) {
      if (part.kind === 'blind') await this.#writeBlindly(part);
      else if (!(await this.#compareAndSet(part.write)))
        throw new VersionConflict(part.write.collection, part.write.key);
    }
  }

  async list<Value extends JsonObject>(
    collection: string,
    { prefix = '', after, limit }: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]> {
    const below = afterPrefix(prefix);
    const range: Filter<StoredRecord>['_id'] = {
      $gte: prefix,
      ...(after === undefined ? {} : { $gt: after }),
      ...(below === undefined ? {} : { $lt: below }),
    };
    const rows = await this.#find(collection, { _id: range }, { _id: 1 }, limit);
    return rows.map((row) => parse<Value>(row));
  }

  async due<Value extends JsonObject>(
    collection: string,
    { until, limit }: { readonly until: Timestamp; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]> {
    await this.#index(collection);
    const rows = await this.#find(collection, { due: { $lte: until } }, { due: 1, _id: 1 }, limit);
    return rows.map((row) => parse<Value>(row));
  }

  /** @returns false if the record is not at the expected version */
  async #compareAndSet(write: OperationalWrite): Promise<boolean> {
    const { collection, key: _id, expected: v = 0 } = write;
    const records = this.#records(collection);
    if (write.kind === 'delete') {
      if (v === 0) return (await this.get(collection, _id)) === undefined;
      return (await this.#run(() => records.deleteOne({ _id, v }))).deletedCount === 1;
    }
    const stored = { value: JSON.stringify(write.value), due: write.due ?? null };
    if (v > 0) {
      const update = { $set: stored, $inc: { v: 1 } };
      return (await this.#run(() => records.updateOne({ _id, v }, update))).matchedCount === 1;
    }
    try {
      await this.#run(() => records.insertOne({ _id, v: 1, ...stored }));
      return true;
    } catch (error) {
      if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async #writeBlindly({ collection, writes }: Blind): Promise<void> {
    const operations = writes.map((write) => {
      const filter = { _id: write.key };
      if (write.kind === 'delete') return { deleteOne: { filter } };
      const stored = { value: JSON.stringify(write.value), due: write.due ?? null };
      return { updateOne: { filter, update: { $set: stored, $inc: { v: 1 } }, upsert: true } };
    });
    for (let done = 0, attempt = 1; done < operations.length; attempt++) {
      try {
        await this.#run(() => this.#records(collection).bulkWrite(operations.slice(done), { ordered: true }));
        return;
      } catch (error) {
        if (!(error instanceof MongoBulkWriteError) || error.code !== DUPLICATE_KEY || attempt === ATTEMPTS)
          throw error;
        done += error.result.getWriteErrorAt(0)?.index ?? 0;
      }
    }
  }

  /** A batch larger than the limit comes in one answer, and leaves no cursor on the server. */
  #find(
    collection: string,
    filter: Filter<StoredRecord>,
    sort: Readonly<Record<string, 1>>,
    limit: number,
  ): Promise<StoredRecord[]> {
    const options = { ...LIMITS, sort, limit, batchSize: limit + 1 };
    return this.#run(() => this.#records(collection).find(filter, options).toArray());
  }

  /** Made when the first record is due at some time: most kinds of records never are. */
  async #index(collection: string): Promise<void> {
    const making =
      this.#indexed.get(collection) ??
      this.#run(() => this.#records(collection).createIndex({ due: 1, _id: 1 }, { name: DUE_INDEX }, undefined));
    this.#indexed.set(collection, making);
    try {
      await making;
    } catch (error) {
      this.#indexed.delete(collection);
      throw error;
    }
  }

  #records(collection: string): Collection<StoredRecord> {
    return this.db.collection<StoredRecord>(collection);
  }

  #run<Result>(work: () => Promise<Result>): Promise<Result> {
    return reached('the operational store', work);
  }
}

const parse = <Value extends JsonObject>({ _id, v, value, due }: StoredRecord): OperationalRecord<Value> => ({
  key: _id,
  version: v,
  value: JSON.parse(value) as Value,
  due: due as Timestamp | null,
});
