import type { Collection as MongoCollection, Filter } from 'mongodb';
import type { JsonObject } from '../../../domain/shared/json.js';
import {
  BY_KEY,
  type Collection,
  type CollectionSpec,
  type IndexQuery,
  type Page,
} from '../../../ports/documentStore.js';
import { StoreUnavailable } from '../../../ports/errors.js';
import { indexKey } from './indexKeys.js';
import { indexField, indexName } from './indexes.js';
import { cursorAt, rangeOf, type TextRange } from './range.js';
import type { LaneDatabase, StoredDocument } from './records.js';
import { fromStored } from './values.js';

const SCAN_PAGE = 256;
/** So many keys are asked for in one query. */
const KEYS_AT_ONCE = 1_000;
/** The server gives up a query by itself before the one who asked does. */
const LIMITS = { maxTimeMS: 10_000 };

/** Where documents are read: it changes when another build becomes the active one. */
export type Source = { readonly build: string; readonly documents: MongoCollection<StoredDocument> };

/** The documents of one collection, read from the engine's primary. Tombstones are not shown. */
export class MongoDocuments<Document extends JsonObject> implements Collection<Document> {
  constructor(
    private readonly lanes: LaneDatabase,
    private readonly spec: CollectionSpec,
    private readonly source: () => Promise<Source>,
  ) {}

  async get(key: string): Promise<Document | undefined> {
    const { documents } = await this.source();
    const found = await this.lanes.run(() => documents.findOne({ _id: key }, { projection: { d: 1 }, ...LIMITS }));
    return found?.d && document<Document>(found.d);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Document | undefined)[]> {
    const wanted = [...new Set(keys)];
    if (wanted.length === 0) return [];
    if (wanted.length === 1) {
      const only = await this.get(wanted[0] ?? '');
      return keys.map(() => only);
    }
    const { documents } = await this.source();
    const found = new Map<string, Document>();
    for (let start = 0; start < wanted.length; start += KEYS_AT_ONCE) {
      const $in = wanted.slice(start, start + KEYS_AT_ONCE);
      const rows = await this.#read(documents, { _id: { $in } }, $in.length, {});
      for (const { _id, d } of rows) if (d) found.set(_id, document(d));
    }
    return keys.map((key) => found.get(key));
  }

  async find(query: IndexQuery): Promise<Page<Document>> {
    const { index, limit, skip = 0, order } = query;
    const range = rangeOf(this.spec, query);
    const byKey = index === BY_KEY;
    const field = byKey ? '_id' : indexField(index);
    const options = {
      sort: { [field]: order === 'descending' ? -1 : 1 } as const,
      ...(skip > 0 ? { skip } : {}),
      ...(byKey ? {} : { hint: indexName(index) }),
    };
    const { documents } = await this.source();
    const rows = await this.#read(documents, filterOf(field, range, byKey), limit + 1, options);
    const shown = rows.slice(0, limit).map(({ _id, d }) => ({ key: _id, document: document<Document>(d ?? {}) }));
    const page = shown.map((one) => one.document);
    const last = shown.at(-1);
    if (rows.length <= limit || !last) return { documents: page };
    const fields = this.spec.indexes[index];
    const place = byKey || !fields ? last.key : indexKey(fields, last.key, last.document);
    return { documents: page, cursor: cursorAt(query, place ?? '') };
  }

  /** @throws StoreUnavailable if another build took this one's place meanwhile: the rest would be of other documents */
  async *scan(): AsyncGenerator<{ readonly key: string; readonly document: Document }, void, undefined> {
    const { build, documents } = await this.source();
    let filter: Filter<StoredDocument> = { d: { $exists: true } };
    for (;;) {
      const rows = await this.#read(documents, filter, SCAN_PAGE, { sort: { _id: 1 } });
      if ((await this.source()).build !== build) throw new StoreUnavailable('the read model was replaced meanwhile');
      for (const { _id, d } of rows) yield { key: _id, document: document(d ?? {}) };
      const last = rows.at(-1);
      if (!last || rows.length < SCAN_PAGE) return;
      filter = { _id: { $gt: last._id }, d: { $exists: true } };
    }
  }

  /** A batch larger than the limit comes in one answer, and leaves no cursor on the server. */
  #read(
    documents: MongoCollection<StoredDocument>,
    filter: Filter<StoredDocument>,
    limit: number,
    options: { readonly sort?: Record<string, 1 | -1>; readonly skip?: number; readonly hint?: string },
  ): Promise<StoredDocument[]> {
    const read = { ...options, ...LIMITS, projection: { d: 1 }, limit, batchSize: limit + 1 };
    return this.lanes.run(() => documents.find(filter, read).toArray());
  }
}

function filterOf(field: string, { low, high }: TextRange, byKey: boolean): Filter<StoredDocument> {
  const bounds = {
    ...(low ? { [low.inclusive ? '$gte' : '$gt']: low.text } : {}),
    ...(high === undefined ? {} : { $lt: high }),
  };
  return {
    ...(Object.keys(bounds).length > 0 ? { [field]: bounds } : {}),
    // In an index there are none.
    ...(byKey ? { d: { $exists: true } } : {}),
  };
}

/** The parser of stored documents: a collection holds what its only feeder wrote. */
const document = <Document extends JsonObject>(stored: NonNullable<StoredDocument['d']>): Document =>
  fromStored(stored) as Document;
