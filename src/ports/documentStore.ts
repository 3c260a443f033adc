import type { Position } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';

/** A field value that an index can order: null first, then numbers (false as 0, true as 1), then text by code point. */
export type IndexValue = string | number | boolean | null;

/**
 * One kind of read-model document. The fields of an index are top-level members of the document; a document that
 * lacks one (undefined) is not in that index. Every index ends, implicitly, with the document's key.
 */
export type CollectionSpec = {
  readonly name: string;
  readonly indexes: Readonly<Record<string, readonly string[]>>;
};

/** The index that every collection has without declaring it: its keys, which `from` and `below` then bound. */
export const BY_KEY = 'key';

export type IndexQuery = {
  readonly index: string;
  /** Values of the leading fields of the index. */
  readonly equals: readonly IndexValue[];
  /** Inclusive lower and exclusive upper bound of the field that follows. */
  readonly from?: IndexValue;
  readonly below?: IndexValue;
  readonly order?: 'ascending' | 'descending';
  /** At most this many documents; no query is unbounded. */
  readonly limit: number;
  /** Passes over so many documents first; it costs a little for each, but none of them is read. */
  readonly skip?: number;
  /** Continue after the page that gave this cursor. Opaque, bound to index, equals and order; the range may differ. */
  readonly cursor?: string;
};

export type Page<Document> = {
  readonly documents: readonly Document[];
  /** Present if and only if more documents exist. */
  readonly cursor?: string;
};

export interface Collection<Document extends JsonObject> {
  get(key: string): Promise<Document | undefined>;
  /** In the order of `keys`; undefined where there is none. */
  getMany(keys: readonly string[]): Promise<readonly (Document | undefined)[]>;
  /**
   * @throws UnknownIndex if the collection declares no such index
   * @throws InvalidCursor if the cursor is damaged or was given by another query
   * @throws RangeError if the query does not fit the index: more values than fields, a range with no field left
   */
  find(query: IndexQuery): Promise<Page<Document>>;
  /** Every document in key order: for verification and export, not for requests. */
  scan(): AsyncIterable<{ readonly key: string; readonly document: Document }>;
}

/** `document: undefined` deletes. Values are absolute, so that writing one again changes nothing. */
export type DocumentWrite = {
  readonly collection: string;
  readonly key: string;
  readonly document: JsonObject | undefined;
};

/** The documents of one version of one projection, and how far they have been fed. One feeder writes it. */
export interface Lane {
  /** Position up to which every event has had its effect; `START` for a new lane. */
  checkpoint(): Promise<Position>;
  collection<Document extends JsonObject>(name: string): Collection<Document>;
  /**
   * Writes take effect in order, and documents and checkpoint together, exactly once.
   *
   * @throws CheckpointRegressed if the checkpoint is lower than the present one (the same one may come again), or if
   *   somebody else fed the lane meanwhile: what was computed is void, and `checkpoint` says where to begin anew
   */
  commit(writes: readonly DocumentWrite[], checkpoint: Position): Promise<void>;
}

export type LaneSpec = {
  readonly projection: string;
  /** Raised whenever the documents' meaning changes: a new version is built from `START` beside the old one. */
  readonly version: number;
  readonly collections: readonly CollectionSpec[];
};

export type LaneState = {
  readonly projection: string;
  readonly version: number;
  readonly build: string;
  readonly active: boolean;
  readonly checkpoint: Position;
};

/** Read models: rebuildable at any time from the log, so that losing them costs time and nothing else. */
export interface DocumentStore {
  /**
   * The lane that queries read; created empty if the projection has none in this version (one of another version stays
   * until a build is activated). It and its collections go on with the new documents when a rebuild of the same
   * version is activated.
   */
  active(spec: LaneSpec): Promise<Lane>;
  /** Whether an active lane of exactly this version exists. */
  hasActive(spec: LaneSpec): Promise<boolean>;
  /** A fresh, empty lane beside the active one, not visible to queries. */
  build(spec: LaneSpec): Promise<Lane & { readonly build: string }>;
  /**
   * Makes a finished build the active lane and drops the one that it replaces. Atomic for queries that start afterwards.
   * A store of one process drops lanes of other versions as well; one that several share keeps those that another
   * program may be reading.
   */
  activate(spec: LaneSpec, build: string): Promise<void>;
  /** Drops builds that never became active. One that a restart interrupted may be gone by itself. */
  discardBuilds(projection: string): Promise<void>;
  lanes(): Promise<readonly LaneState[]>;
}
