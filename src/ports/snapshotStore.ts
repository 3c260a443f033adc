import type { StreamName } from '../domain/shared/ids.js';
import type { Json } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';

/** The fold of a stream up to a revision. */
export type Snapshot = {
  /** Of the aggregate: a snapshot of another version is of no use. */
  readonly version: number;
  readonly revision: number;
  /** Of the event at that revision: a snapshot that does not belong to the log is found by it. */
  readonly hash: string;
  readonly at: Timestamp;
  readonly state: Json;
};

/** Shortens the reading of long streams. Outside the log and worth nothing by itself: it may be lost at any time. */
export interface SnapshotStore {
  load(stream: StreamName): Promise<Snapshot | undefined>;
  /** Replaces the one that is there. */
  save(stream: StreamName, snapshot: Snapshot): Promise<void>;
}
