import type { Position } from '../domain/shared/ids.js';
import type { ProjectedEvent } from './projection.js';

/** What was waited for will not come in this process. */
export class ReadModelsClosed extends Error {
  constructor() {
    super('the read models were closed');
    this.name = 'ReadModelsClosed';
  }
}

/** Who waited has no more patience: what he waited for may come any time, or never. */
export class ReadModelsLate extends Error {
  constructor() {
    super('the read models did not get there in time');
    this.name = 'ReadModelsLate';
  }
}

/** Whether nobody goes on waiting, for whatever reason. */
export const isVain = (error: unknown): boolean => error instanceof ReadModelsLate || error instanceof ReadModelsClosed;

export type AppliedListener = (events: readonly ProjectedEvent[]) => void;

/** The read models as those see them who write and must then read what they wrote, whoever feeds them. */
export interface ReadModels {
  /** Up to here every read model shows every event; it never goes back. */
  readonly position: Position;
  /** False while what they need does not answer: what is asked of this process then, another one may answer better. */
  readonly answering: boolean;
  start(): void;
  /**
   * Resolves when every read model has passed the position.
   *
   * @param patience in milliseconds; by default without end
   * @throws ReadModelsLate when that is over
   * @throws ReadModelsClosed
   */
  waitFor(position: Position, patience?: number): Promise<void>;
  /**
   * Called with every batch of events before anybody who waits for them goes on; never where another process feeds the
   * read models, for nothing that an event makes untrue is kept in memory there.
   */
  onApplied(listener: AppliedListener): void;
  close(): Promise<void>;
}
