/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, reading this engine is not */
import type { JsonObject } from '../../domain/shared/json.js';
import type { Timestamp } from '../../domain/shared/time.js';
import { VersionConflict } from '../../ports/errors.js';
import type { OperationalRecord, OperationalStore, OperationalWrite } from '../../ports/operationalStore.js';
import { afterPrefix, compareText } from '../sqlite/text.js';
import type { Log } from '../sqlite/log.js';
import { status, type RecordWrite } from '../sqlite/protocol.js';

type Row = [key: string, version: number, due: string | null, value: string];

/**
 * Operational records in `log.sqlite`, written in the group commit of the event log. Here all writes of one call take
 * effect or none, and what one call wrote is seen by every read that starts after it was answered.
 */
export class SqliteOperationalStore implements OperationalStore {
  readonly #log: Log;
  readonly #statements;

  constructor(log: Log) {
    this.#log = log;
    const records = 'SELECT key, version, due, value FROM records WHERE collection = ?';
    const prepare = (condition: string) =>
      log.reader.prepare<(string | number)[], Row>(`${records} AND ${condition}`).raw();
    this.#statements = {
      get: prepare('key = ?'),
      from: prepare('key >= ? ORDER BY key LIMIT ?'),
      after: prepare('key > ? ORDER BY key LIMIT ?'),
      fromBelow: prepare('key >= ? AND key < ? ORDER BY key LIMIT ?'),
      afterBelow: prepare('key > ? AND key < ? ORDER BY key LIMIT ?'),
      due: prepare('due <= ? ORDER BY due, key LIMIT ?'),
    };
  }

  async get<Value extends JsonObject>(collection: string, key: string): Promise<OperationalRecord<Value> | undefined> {
    return this.#get(collection, key);
  }

  async getMany<Value extends JsonObject>(
    collection: string,
    keys: readonly string[],
  ): Promise<readonly (OperationalRecord<Value> | undefined)[]> {
    return keys.map((key) => this.#get<Value>(collection, key));
  }

  async write(writes: readonly OperationalWrite[]): Promise<void> {
    if (writes.length === 0) return;
    await this.#log.writer.submit({ kind: 'write', writes: writes.map(serialize) }, (outcome) => {
      const lost = outcome.status === status.versionConflict ? writes[outcome.first] : undefined;
      if (lost) throw new VersionConflict(lost.collection, lost.key);
    });
  }

  async list<Value extends JsonObject>(
    collection: string,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]> {
    return this.#list(collection, query).map((row) => parse<Value>(row));
  }

  async due<Value extends JsonObject>(
    collection: string,
    query: { readonly until: Timestamp; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]> {
    return this.#statements.due.all(collection, query.until, query.limit).map((row) => parse<Value>(row));
  }

  #get<Value extends JsonObject>(collection: string, key: string): OperationalRecord<Value> | undefined {
    const row = this.#statements.get.get(collection, key);
    return row && parse<Value>(row);
  }

  /** One lower bound, the tighter one: the engine would search by the first and filter by the second. */
  #list(collection: string, { prefix = '', after, limit }: { prefix?: string; after?: string; limit: number }): Row[] {
    const { from, fromBelow, after: past, afterBelow } = this.#statements;
    const below = afterPrefix(prefix);
    if (after !== undefined && compareText(after, prefix) >= 0) {
      return below === undefined ? past.all(collection, after, limit) : afterBelow.all(collection, after, below, limit);
    }
    return below === undefined ? from.all(collection, prefix, limit) : fromBelow.all(collection, prefix, below, limit);
  }
}

const serialize = (write: OperationalWrite): RecordWrite => ({
  collection: write.collection,
  key: write.key,
  expected: write.expected ?? null,
  value: write.kind === 'put' ? JSON.stringify(write.value) : null,
  due: write.kind === 'put' ? (write.due ?? null) : null,
});

const parse = <Value extends JsonObject>([key, version, due, value]: Row): OperationalRecord<Value> => ({
  key,
  version,
  value: JSON.parse(value) as Value,
  due: due as Timestamp | null,
});
