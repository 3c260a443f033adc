/**
 * What the main thread and the writer thread say to each other. One message carries a batch, strings go as they are,
 * and results are numbers only: copying them between threads must cost less than the commit that they share.
 */

/** The revision that stands for "the stream must not exist". */
export const NO_STREAM = -1;

export type AppendRequest = {
  readonly kind: 'append';
  readonly stream: string;
  /** Revision of the stream's last event, or `NO_STREAM`. */
  readonly expected: number;
  /** Four strings for each event: id, type, data and metadata (both as JSON). */
  readonly fields: readonly string[];
};

export type WriteRequest = { readonly kind: 'write'; readonly writes: readonly RecordWrite[] };

/** `value: null` deletes. `expected`: a version, 0 for "must not exist", null for "whatever is there". */
export type RecordWrite = {
  readonly collection: string;
  readonly key: string;
  readonly expected: number | null;
  readonly value: string | null;
  readonly due: string | null;
};

/** Stores bytes under a key, replacing what was there; null deletes. */
export type BytesRequest = { readonly kind: 'bytes'; readonly key: string; readonly bytes: Uint8Array | null };

export type WriterRequest = AppendRequest | WriteRequest | BytesRequest;

/**
 * `failures`: of how many failed transactions the sender knew. Requests of a sender that did not know of one yet are
 * refused, so that nothing takes effect which was submitted in the belief that what went before it would.
 */
export type ToWriter =
  | { readonly kind: 'requests'; readonly requests: readonly WriterRequest[]; readonly failures: number }
  | { readonly kind: 'close' };

/**
 * What became of one request, as three numbers.
 *
 * - `committed`: position and revision of the last event (appends), or nothing
 * - `repeated`: the very same append was committed before; position and revision as then
 * - `revision-conflict`, `id-taken`: nothing was appended
 * - `version-conflict`: nothing was written; `first` is the place of the write that lost
 */
export const status = {
  committed: 0,
  repeated: 1,
  revisionConflict: 2,
  idTaken: 3,
  versionConflict: 4,
} as const;

export type Outcome = { readonly status: number; readonly first: number; readonly second: number };

/**
 * Answers come in the order of the requests, so they need no numbers: `outcomes` holds three numbers for each of the
 * next requests. `failed`: the transaction of the next requests failed as a whole, whether it survives a restart is
 * unknown; `count` requests from there on have no effect. `refused`: the next `count` requests came too late to know.
 */
export type FromWriter =
  | { readonly kind: 'ready' }
  | { readonly kind: 'outcomes'; readonly outcomes: readonly number[] }
  | { readonly kind: 'failed' | 'refused'; readonly count: number; readonly message: string };
