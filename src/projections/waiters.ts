import type { Position } from '../domain/shared/ids.js';
import { ReadModelsLate } from './readModels.js';

type Waiter = {
  readonly position: Position;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Ends the wait. */
  readonly impatience: NodeJS.Timeout | undefined;
};

/** Who waits for a position to be passed. */
export class Waiters {
  #waiting: Waiter[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  /** @param patience in milliseconds; afterwards it rejects with `ReadModelsLate`, and nobody waits any more */
  add(position: Position, patience?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(new ReadModelsLate());
      };
      const impatience = patience === undefined ? undefined : setTimeout(giveUp, patience);
      const waiter: Waiter = { position, resolve, reject, impatience };
      this.#waiting.push(waiter);
    });
  }

  passed(position: Position): void {
    const ready = this.#waiting.filter((waiter) => waiter.position <= position);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
    for (const { resolve, impatience } of ready) {
      clearTimeout(impatience);
      resolve();
    }
  }

  reject(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject, impatience } of waiting) {
      clearTimeout(impatience);
      reject(error);
    }
  }
}
