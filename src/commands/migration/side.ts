import type { BlobStore } from '../../ports/blobStore.js';
import type { EventStore } from '../../ports/eventStore.js';
import type { KeyTransfer } from '../../ports/keyStore.js';
import type { OperationalStore } from '../../ports/operationalStore.js';

/** One of the two installations of a migration: what cannot be built anew from anything else. Nobody serves it meanwhile. */
export type Side = {
  readonly events: EventStore;
  readonly operational: OperationalStore;
  readonly keys: KeyTransfer;
  readonly blobs: BlobStore;
  /**
   * How many appends may be under way at once: more than one only where they take effect in the order of the calls, and
   * none of those behind one that failed does.
   */
  readonly appendsAtOnce: number;
  /** How many events the log has, where that can be told without reading it. */
  readonly eventCount?: () => Promise<number>;
};

export type Phase = 'comparing' | 'keys' | 'contents' | 'records' | 'events' | 'verifying';

/** How far the work is: bytes of contents, otherwise things. `total` is undefined where only the end will tell it. */
export type Watch = (phase: Phase, done: number, total: number | undefined) => void;
