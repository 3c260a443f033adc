import { START, type Position } from '../domain/shared/ids.js';
import { ReadModelsClosed, type ReadModels } from './readModels.js';
import type { Reached } from './reach.js';
import { Waiters } from './waiters.js';

export type FollowerOptions = {
  readonly reached: () => Promise<Reached>;
  /** Lets queries read from the builds that are active now. */
  readonly eraChanged: () => Promise<void>;
  readonly failed: (error: unknown) => void;
};

/** Between two looks while somebody waits: what this costs a push, and what it costs the engine. */
const BUSY_MILLISECONDS = 2;
const IDLE_MILLISECONDS = 250;
const RETRY_MILLISECONDS = 200;

/** The read models of a process that reads them and does not feed them. All who wait share the looks at how far they are. */
export class Follower implements ReadModels {
  readonly #waiters = new Waiters();
  #position = START;
  #era = '';
  #running: Promise<void> | undefined;
  #closed = false;
  #answering = true;
  /** Ends the pause between two looks. */
  #wake: () => void = () => undefined;

  constructor(private readonly options: FollowerOptions) {}

  get position(): Position {
    return this.#position;
  }

  get answering(): boolean {
    return this.#answering;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  waitFor(position: Position, patience?: number): Promise<void> {
    if (this.#position >= position) return Promise.resolve();
    if (this.#closed) return Promise.reject(new ReadModelsClosed());
    const passed = this.#waiters.add(position, patience);
    this.#wake();
    return passed;
  }

  onApplied(): void {
    // Another process applies: nobody here keeps what an event could make untrue.
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
    this.#waiters.reject(new ReadModelsClosed());
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#look();
        await this.#pause(this.#waiters.any ? BUSY_MILLISECONDS : IDLE_MILLISECONDS, !this.#waiters.any);
      } catch (error) {
        if (this.#answering) this.options.failed(error);
        this.#answering = false;
        await this.#pause(RETRY_MILLISECONDS, false);
      }
    }
  }

  async #look(): Promise<void> {
    const { position, era } = await this.options.reached();
    // Before anybody is told: what he reads must come from the build that has passed the position.
    if (era !== this.#era) await this.options.eraChanged();
    this.#era = era;
    this.#answering = true;
    if (position <= this.#position) return;
    this.#position = position;
    this.#waiters.passed(position);
  }

  #pause(milliseconds: number, untilSomebodyWaits: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#wake = untilSomebodyWaits || this.#closed ? done : () => undefined;
    });
  }
}
