import type { Position } from '../domain/shared/ids.js';

type Waiter = { readonly position: Position; readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Who waits for a position to be passed. */
export class Waiters {
  #waiting: Waiter[] = [];

  get any(): boolean {
    return this.#waiting.length > 0;
  }

  add(position: Position): Promise<void> {
    return new Promise((resolve, reject) => this.#waiting.push({ position, resolve, reject }));
  }

  passed(position: Position): void {
    const ready = this.#waiting.filter((waiter) => waiter.position <= position);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => waiter.position > position);
    for (const { resolve } of ready) resolve();
  }

  reject(error: unknown): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(error);
  }
}
