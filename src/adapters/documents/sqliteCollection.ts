/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, reading this engine is not */
import { setImmediate } from 'node:timers/promises';
import type { JsonObject } from '../../domain/shared/json.js';
import { BY_KEY, type Collection, type CollectionSpec, type IndexQuery, type Page } from '../../ports/documentStore.js';
import type { Connection } from '../sqlite/database.js';
import { encodeCursor } from './cursor.js';
import { queryValue } from './indexValue.js';
import { prepareQuery } from './indexQuery.js';
import { tableOf } from './laneSchema.js';

const SCAN_PAGE = 256;

type Row = [key: string, document: string];

/** The documents of one table, read on the thread of the caller. */
export class SqliteCollection<Document extends JsonObject> implements Collection<Document> {
  readonly #db: Connection;
  readonly #spec: CollectionSpec;
  readonly #get;
  readonly #readTogether;
  readonly #scanFrom;
  readonly #scanAfter;
  /** Statements by their text: a query's shape, not its values, makes the text. */
  readonly #finds = new Map<string, ReturnType<typeof prepareFind>>();
  readonly #beforeFind: () => void;

  /** @param beforeFind makes sure that the collection's indexes are there */
  constructor(db: Connection, spec: CollectionSpec, beforeFind: () => void) {
    this.#db = db;
    this.#spec = spec;
    this.#beforeFind = beforeFind;
    const table = tableOf(spec);
    this.#readTogether = db.transaction((read: () => readonly (Document | undefined)[]) => read());
    this.#get = db.prepare<[string], string>(`SELECT document FROM ${table} WHERE key = ?`).pluck();
    const scan = (comparison: '>=' | '>') =>
      db
        .prepare<[string, number], Row>(
          `SELECT key, document FROM ${table} WHERE key ${comparison} ? ORDER BY key LIMIT ?`,
        )
        .raw();
    this.#scanFrom = scan('>=');
    this.#scanAfter = scan('>');
  }

  async get(key: string): Promise<Document | undefined> {
    return this.#read(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Document | undefined)[]> {
    // One transaction for all: beginning one costs as much as reading a document.
    return this.#readTogether(() => keys.map((key) => this.#read(key)));
  }

  async find(query: IndexQuery): Promise<Page<Document>> {
    const { sql, parameters, orderFields } = prepareQuery(this.#spec, query);
    if (query.index !== BY_KEY) this.#beforeFind();
    const rows = this.#find(sql).all(...parameters);
    const documents = rows.slice(0, query.limit).map(([, document]) => parse<Document>(document));
    if (rows.length <= query.limit) return { documents };
    const lastKey = rows[query.limit - 1]?.[0] ?? '';
    const last = documents.at(-1);
    const values = orderFields.map((field) => queryValue(last?.[field]));
    return { documents, cursor: encodeCursor(query, { values, key: lastKey }) };
  }

  async *scan(): AsyncGenerator<{ readonly key: string; readonly document: Document }, void, undefined> {
    let rows = this.#scanFrom.all('', SCAN_PAGE);
    for (let last = rows.at(-1); last; last = rows.at(-1)) {
      for (const [key, document] of rows) yield { key, document: parse<Document>(document) };
      await setImmediate();
      rows = this.#scanAfter.all(last[0], SCAN_PAGE);
    }
  }

  #read(key: string): Document | undefined {
    const document = this.#get.get(key);
    return document === undefined ? undefined : parse<Document>(document);
  }

  #find(sql: string): ReturnType<typeof prepareFind> {
    const known = this.#finds.get(sql);
    if (known) return known;
    const statement = prepareFind(this.#db, sql);
    this.#finds.set(sql, statement);
    return statement;
  }
}

/** A query's statement, by key and document. */
const prepareFind = (db: Connection, sql: string) => db.prepare<(string | number)[], Row>(sql).raw();

/** The parser of stored documents: a collection holds what its only feeder wrote. */
const parse = <Document extends JsonObject>(document: string): Document => JSON.parse(document) as Document;
