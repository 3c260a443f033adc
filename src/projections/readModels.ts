import type { Position } from '../domain/shared/ids.js';
import type { ProjectedEvent } from './projection.js';

/** What was waited for will not come in this process. */
export class ReadModelsClosed extends Error {
  constructor() {
    super('the read models were closed');
    this.name = 'ReadModelsClosed';
  }
}

export type AppliedListener = (events: readonly ProjectedEvent[]) => void;

/** The read models as those see them who write and must then read what they wrote, whoever feeds them. */
export interface ReadModels {
  /** Up to here every read model shows every event; it never goes back. */
  readonly position: Position;
  /** False while what they need does not answer: what is asked of this process then, another one may answer better. */
  readonly answering: boolean;
  start(): void;
  /** Resolves when every read model has passed the position; rejects with `ReadModelsClosed`. */
  waitFor(position: Position): Promise<void>;
  /**
   * Called with every batch of events before anybody who waits for them goes on; never where another process feeds the
   * read models, for nothing that an event makes untrue is kept in memory there.
   */
  onApplied(listener: AppliedListener): void;
  close(): Promise<void>;
}
