import type { Timestamp } from '../domain/shared/time.js';

/** Time and identity come from outside the domain. */
export interface Clock {
  now(): Timestamp;
}

export interface Ids {
  /** UUID version 7: rises with time, so that indexes by id stay narrow. */
  next(): string;
}
