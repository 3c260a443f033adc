import { createHash, type Hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { digestOf, type Digest, type DigestAlgorithm } from '../domain/shared/digest.js';
import type { UploadId } from '../ports/blobStore.js';

type Running = { readonly hash: Hash; readonly algorithm: DigestAlgorithm; offset: number };

const REMEMBERED = 10_000;

/** More bytes came than may come. */
export class TooManyBytes extends Error {}

/**
 * The hashes of uploads that this process has received from their first byte on. An upload that came through several
 * processes, or whose algorithm was told only at the end, is hashed again from its bytes.
 */
export class RunningHashes {
  readonly #running = new LRUCache<UploadId, Running>({ max: REMEMBERED });

  /**
   * Hashes what passes through, if this process has hashed all that came before.
   *
   * @param before what came before, with its digest as it was written down. It must be what was hashed here: where a call
   *   failed, as many other bytes may have taken the place of those that it brought, by way of another process
   * @param most bytes that may come
   * @throws TooManyBytes
   */
  async *through(
    upload: UploadId,
    before: { readonly offset: number; readonly digest: Digest | null },
    algorithm: DigestAlgorithm,
    source: AsyncIterable<Uint8Array>,
    most: number,
  ): AsyncIterable<Uint8Array> {
    let left = most;
    const running = this.#after(upload, before, algorithm);
    for await (const chunk of source) {
      left -= chunk.byteLength;
      if (left < 0) throw new TooManyBytes();
      if (running) {
        running.hash.update(chunk);
        running.offset += chunk.byteLength;
      }
      yield chunk;
    }
  }

  /** The digest of the first `offset` bytes, if it is known. */
  digestAt(upload: UploadId, offset: number): Digest | undefined {
    const running = this.#running.get(upload);
    if (running?.offset !== offset) return undefined;
    return digestOf(running.algorithm, running.hash.copy().digest('hex'));
  }

  forget(upload: UploadId): void {
    this.#running.delete(upload);
  }

  #after(
    upload: UploadId,
    { offset, digest }: { readonly offset: number; readonly digest: Digest | null },
    algorithm: DigestAlgorithm,
  ): Running | undefined {
    if (offset > 0 && digest !== null && this.digestAt(upload, offset) === digest) return this.#running.get(upload);
    this.#running.delete(upload);
    if (offset !== 0) return undefined;
    const fresh = { hash: createHash(algorithm), algorithm, offset: 0 };
    this.#running.set(upload, fresh);
    return fresh;
  }
}
