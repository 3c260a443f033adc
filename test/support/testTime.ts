import type { MonotonicTime } from '../../src/concurrency/monotonicTime.js';

/** Time of a process, or of all processes of a test, which passes when the test says so. */
export class TestTime implements MonotonicTime {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Time passes, but nobody notices: the process stands still. */
  passUnnoticed(milliseconds: number): void {
    this.#now += milliseconds;
  }

  tick(milliseconds: number): void {
    this.#now += milliseconds;
    const due = this.#timers.filter(({ at }) => at <= this.#now).sort((one, other) => one.at - other.at);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}
