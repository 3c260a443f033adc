import type { Brand } from '../../../domain/shared/brand.js';
import type { ByteRange } from '../../../ports/blobStore.js';

/** What an engine calls the present bytes of an object: an entity tag, a generation. */
export type Version = Brand<string, 'Version'>;

/** An object that is being read. */
export type OpenObject = {
  /** Of the whole object, in bytes. */
  readonly size: number;
  /** May fail or end early: an answer is no promise. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the reading, also if nobody ever began with the body. */
  discard(): void;
};

/** How large pieces are where nobody wants them larger: S3 joins none below, and each takes so much memory. */
export const PIECE_BYTES = 5 * 1024 * 1024;

/** Takes the bytes of one object as they come, in constant memory. */
export interface ObjectWriter {
  /** Takes bytes, which must not change any more. @returns a promise where the source must wait */
  add(chunk: Uint8Array): Promise<void> | undefined;
  /** Settles when the object is durable. */
  finish(): Promise<void>;
  /** Ends without a result; what was stored may be left under the name. */
  discard(): Promise<void>;
}

export type Piece = { readonly name: string; readonly size: number };

/**
 * What the blob store needs of an object store. Names are whole keys of the bucket. What a call acknowledged is durable,
 * and seen by all that begins afterwards, in whichever process. An engine that is away surfaces as StoreUnavailable.
 */
export interface ObjectStore {
  /** Pieces but the last one must be this large to be joined, in bytes. */
  readonly pieceBytes: number;

  /**
   * Stores an object that always has these bytes if it is there at all: repeating it changes nothing. Once it has settled
   * the memory may be used for something else.
   */
  put(name: string, bytes: Uint8Array): Promise<void>;

  /**
   * Stores an object whose length nobody knows yet, under a name that nobody reads before its end. An engine that takes
   * whole objects only lacks it: pieces are then gathered in memory.
   */
  write?(name: string): Promise<ObjectWriter>;

  /**
   * Stores an object if it is still at `expected` (null: absent). An answer that got lost may make `false` of a success:
   * who must know puts something into the bytes that only he has.
   */
  putIf(name: string, bytes: Uint8Array, expected: Version | null): Promise<boolean>;

  /** Removes an object if it is still at `expected`; until it is gone it may be seen empty. */
  removeIf(name: string, expected: Version): Promise<boolean>;

  /** A small object whole, one that was put on a condition. */
  get(name: string): Promise<{ readonly bytes: Uint8Array; readonly version: Version } | undefined>;

  /** Whether it gains by `lent`. */
  readonly lends?: boolean;

  /**
   * @param lent whoever reads is done with a chunk before he asks for the next: its memory may then be used again
   * @throws RangeError if the range does not lie within the object
   */
  open(name: string, range?: ByteRange, lent?: boolean): Promise<OpenObject | undefined>;

  size(name: string): Promise<number | undefined>;

  /** Makes one object of several, which stay, without moving bytes through this process if the engine can. */
  join(pieces: readonly Piece[], target: string): Promise<void>;

  /** Unknown ones are fine. */
  remove(name: string): Promise<void>;

  list(prefix: string): AsyncIterable<{ readonly name: string; readonly size: number }>;

  /** What stands between a prefix and the next slash. */
  folders(prefix: string): AsyncIterable<string>;

  /** Removes what interrupted calls left where no listing shows it; an engine that leaves nothing there lacks it. */
  sweepJoins?(prefix: string, before: Date, signal?: AbortSignal): Promise<number>;

  /** An address that lets anybody read the object for a while; an engine that nobody else reaches lacks it. */
  link?(name: string, seconds: number): Promise<string>;
}
