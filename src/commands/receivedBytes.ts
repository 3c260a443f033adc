import { LRUCache } from 'lru-cache';
import type { Digest } from '../domain/shared/digest.js';

/** In bytes, of all together: a config is asked for by the push that follows it. */
const REMEMBERED_BYTES = 4 * 1024 * 1024;
/** Later it is read, and noticed if it is not there any more. */
const REMEMBERED_MILLISECONDS = 60_000;
/** What an entry takes beside its bytes. */
const ENTRY_BYTES = 200;

/** Small contents that came through this process a moment ago; a digest never has other bytes. */
export class ReceivedBytes {
  readonly #received = new LRUCache<Digest, Uint8Array>({
    maxSize: REMEMBERED_BYTES,
    ttl: REMEMBERED_MILLISECONDS,
    sizeCalculation: (bytes) => bytes.byteLength + ENTRY_BYTES,
  });

  get(digest: Digest): Uint8Array | undefined {
    return this.#received.get(digest);
  }

  /** Keeps a copy: a view would keep all that it is a part of. */
  keep(digest: Digest, bytes: Uint8Array): void {
    this.#received.set(digest, new Uint8Array(bytes));
  }

  /** After a content was found damaged: what is kept would hide that it is to be pushed again. */
  clear(): void {
    this.#received.clear();
  }
}
