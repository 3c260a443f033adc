import type { JsonObject } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';

/**
 * What is neither an event nor derivable from events: upload sessions, blob holds, content records, jobs, leases,
 * consumer checkpoints. Small documents, changed by compare-and-set; an acknowledged write is durable.
 */
export interface OperationalStore {
  get<Value extends JsonObject>(collection: string, key: string): Promise<OperationalRecord<Value> | undefined>;

  getMany<Value extends JsonObject>(
    collection: string,
    keys: readonly string[],
  ): Promise<readonly (OperationalRecord<Value> | undefined)[]>;

  /**
   * Applies the writes in order. If one loses its compare-and-set, it and those after it have no effect; whether those
   * before it have is not promised, so order them so that any prefix is harmless.
   *
   * @throws VersionConflict naming the record that lost
   */
  write(writes: readonly OperationalWrite[]): Promise<void>;

  /** Records of a collection by key prefix, in key order (by code point), strictly after `after`. */
  list<Value extends JsonObject>(
    collection: string,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]>;

  /** Records of a collection whose `due` is at or before `until`, earliest first, those of one moment by key. */
  due<Value extends JsonObject>(
    collection: string,
    query: { readonly until: Timestamp; readonly limit: number },
  ): Promise<readonly OperationalRecord<Value>[]>;
}

export type OperationalRecord<Value extends JsonObject = JsonObject> = {
  readonly key: string;
  /**
   * Rises by one with every write of the record; from 1. A record that was deleted begins at 1 again, so one whose
   * version is used as a token that must never come back (a lease's fence) is never deleted.
   */
  readonly version: number;
  readonly value: Value;
  /** When a sweep or a worker should look at it; null: never. */
  readonly due: Timestamp | null;
};

/** `expected`: the version that the record must have, 0 for "must not exist", undefined for "whatever is there". */
export type OperationalWrite =
  | {
      readonly kind: 'put';
      readonly collection: string;
      readonly key: string;
      readonly value: JsonObject;
      readonly due?: Timestamp | null;
      readonly expected?: number;
    }
  | { readonly kind: 'delete'; readonly collection: string; readonly key: string; readonly expected?: number };
