import type { ContentKey, UploadId } from '../../ports/blobStore.js';
import { OffsetConflict } from '../../ports/errors.js';

/** Bytes on their way to becoming a content: the part of the BlobStore port that is about uploads. */
export interface Uploads {
  /** @see BlobStore.append @throws OffsetConflict */
  append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
  ): Promise<number>;

  /** The first `length` staged bytes. @throws OffsetConflict if fewer are staged */
  read(upload: UploadId, length: number): AsyncIterable<Uint8Array>;

  /** Makes the first `size` staged bytes a content and drops the upload. @throws OffsetConflict if fewer are staged */
  finish(upload: UploadId, key: ContentKey, size: number): Promise<void>;

  /** Drops an upload; unknown ones are fine. */
  abort(upload: UploadId): Promise<void>;

  /** Every upload that left bytes; one may come twice. */
  list(): AsyncIterable<UploadId>;
}

/** Lets one call at a time work on an upload; who comes meanwhile is refused, as if the upload were elsewhere. */
export class OneAtATime {
  /** Uploads that a call is working on, with the offset that it began at. */
  readonly #busy = new Map<UploadId, number>();

  /** @throws OffsetConflict */
  async run<T>(upload: UploadId, offset: number, work: () => Promise<T>): Promise<T> {
    const begun = this.#busy.get(upload);
    if (begun !== undefined) throw new OffsetConflict(offset, begun);
    this.#busy.set(upload, offset);
    try {
      return await work();
    } finally {
      this.#busy.delete(upload);
    }
  }
}
