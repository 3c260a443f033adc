/**
 * Where contents live that are too small to deserve a file each. The embedded database backs it, so that many of them
 * share one commit. Keys are opaque text; what `put` and `delete` acknowledged is durable.
 */
export interface SmallContentStore {
  /** Stores bytes under a key, replacing what was there. */
  put(key: string, bytes: Uint8Array): Promise<void>;

  /** An exact look-up without I/O worth waiting for; what this process put or deleted is seen at once. */
  get(key: string): Uint8Array | undefined;

  /** Removes a key; unknown ones are fine. */
  delete(key: string): Promise<void>;

  /** Every key that begins with `prefix` (all, if it is not given) with the size of its bytes, in no order. */
  list(prefix?: string): Iterable<{ readonly key: string; readonly size: number }>;
}

/** Largest content in bytes that goes to the small store: configs, manifests, signatures and attestations fit. */
export const SMALL_CONTENT_BYTES = 64 * 1024;
