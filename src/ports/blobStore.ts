import type { Brand } from '../domain/shared/brand.js';
import type { Digest } from '../domain/shared/digest.js';

/** A fresh id for every storing of a digest, so that collecting an old copy can never harm a new one. */
export type Generation = Brand<string, 'Generation'>;
export type UploadId = Brand<string, 'UploadId'>;

/**
 * A name for what an upload holds, chosen by the caller and used once: `from` is what he knows of, `to` what it becomes by
 * his call. Null: nothing that counts.
 */
export type UploadStep = { readonly from: string | null; readonly to: string };

export type ContentKey = { readonly digest: Digest; readonly generation: Generation };

/** Inclusive on both ends, in bytes. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * Bytes under `<digest>/<generation>`, and bytes on their way there. It trusts the digests that it is told:
 * who stores has hashed. What a call acknowledged is durable.
 */
export interface BlobStore {
  /** Stores a whole small content. */
  put(key: ContentKey, bytes: Uint8Array): Promise<void>;

  /**
   * Appends to an upload, creating it at offset 0; bytes past `offset` that an interrupted call left are dropped first.
   * Resolves with the new end when it is durable. When the source fails half-way, what came before is kept if it could be
   * made durable and `kept` tells how much; the source's error is rethrown after `kept` was called.
   *
   * An engine that several processes use lets one of two calls at the same time win; and it refuses a call whose `step`
   * says that it was made in ignorance of another one, so that nobody ever counts bytes that somebody else replaced.
   *
   * @throws OffsetConflict if fewer than `offset` bytes are staged, or others than those that the caller knows
   */
  append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
    step?: UploadStep,
  ): Promise<number>;

  /** The first `length` staged bytes, to hash them again. @param at the step that put them there @throws OffsetConflict */
  readUpload(upload: UploadId, length: number, at?: string | null): AsyncIterable<Uint8Array>;

  /**
   * Makes the first `size` staged bytes the content of `key`; the upload is gone afterwards.
   *
   * @param at the step that put them there
   * @throws OffsetConflict if fewer are staged, or others
   */
  finish(upload: UploadId, key: ContentKey, size: number, at?: string | null): Promise<void>;

  /** Drops an upload; unknown ones are fine. */
  abort(upload: UploadId): Promise<void>;

  /** @throws ContentMissing */
  read(key: ContentKey): Promise<Uint8Array>;

  /** Streams a content or a part of it; the range must lie within it. @throws ContentMissing before the first byte */
  stream(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;

  /**
   * As `stream`, for consumers that are done with a chunk before they ask for the next: its memory may then be used
   * again. An engine that would gain nothing by it lacks it.
   */
  streamLent?(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>>;

  /** Size in bytes, or undefined if the content is not there. */
  stat(key: ContentKey): Promise<number | undefined>;

  /** What the place was marked with, by which it is told from an empty one in its stead; undefined: nothing. */
  marker(): Promise<string | undefined>;

  /** Marks the place. That is no content, and no upload. @param marker one line */
  mark(marker: string): Promise<void>;

  /** Deletes one generation of a digest; unknown ones are fine. */
  delete(key: ContentKey): Promise<void>;

  /** Every content, in no order: to rebuild the content records. */
  list(): AsyncIterable<ContentKey & { readonly size: number }>;

  /** Every upload that left bytes, in no order: to clean up. */
  listUploads(): AsyncIterable<UploadId>;

  /**
   * Removes what processes that died left half-written and nobody can name any more; an engine that leaves nothing of
   * the kind lacks it.
   *
   * @param now in milliseconds since the epoch
   * @param signal ends it after the item that it is at
   * @returns how much it was
   */
  sweepLeftovers?(now: number, signal?: AbortSignal): Promise<number>;

  /**
   * An address from which anybody may read a content for a while, whole or a range of it, without this process. Whether
   * the content is there is not looked at. An engine that nobody else reaches lacks it.
   */
  link?(key: ContentKey, seconds: number): Promise<string>;
}
