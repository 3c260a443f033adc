import type { MonotonicTime } from '../concurrency/monotonicTime.js';

/** The lease may be somebody else's now: whatever was being done must not be gone on with. */
export class LeaseLost extends Error {
  constructor(name: string) {
    super(`the lease ${name} was lost`);
    this.name = 'LeaseLost';
  }
}

/** Why the signal of a term aborts when nothing was lost: the process wants to end. */
export class LeaseStopped extends Error {
  constructor(name: string) {
    super(`the lease ${name} is to be given back`);
    this.name = 'LeaseStopped';
  }
}

/** A lease from when it was taken until it is lost or given back. */
export interface Term {
  /** Rises from term to term, whoever has them. Who writes with a lower fence than was seen already was overtaken. */
  readonly fence: number;
  /** Aborts when the lease was lost (`LeaseLost`), or when the work is to end by itself (`LeaseStopped`). */
  readonly signal: AbortSignal;
  /**
   * To be called before each effect. A process that stood still may do something before its timers have told the signal;
   * this looks at the time itself. It says nothing of a term that is to end but is still held; after the work has ended
   * the lease is given back, and what the work left running may do nothing any more.
   *
   * @throws LeaseLost
   */
  check(): void;
}

export class HeldTerm implements Term {
  readonly #controller = new AbortController();
  readonly #over = new AbortController();
  #until: number;
  #lost: LeaseLost | undefined;

  /** @param takenAt when the write began that took the lease: it may have taken effect at any moment since */
  constructor(
    readonly name: string,
    readonly fence: number,
    private readonly time: MonotonicTime,
    private readonly heldMilliseconds: number,
    takenAt: number,
  ) {
    this.version = fence;
    this.#until = takenAt + heldMilliseconds;
    this.#watch();
  }

  /** Of the lease's record as this term wrote it last. */
  version: number;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Aborts when the term is lost, or its work has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isLost(): boolean {
    this.#look();
    return this.#lost !== undefined;
  }

  check(): void {
    this.#look();
    if (this.over.aborted) throw this.#lost ?? new LeaseLost(this.name);
  }

  /** @param renewedAt when the write began */
  renewed(renewedAt: number): void {
    this.#look();
    this.#until = renewedAt + this.heldMilliseconds;
    this.#look();
  }

  lose(): void {
    this.#lost ??= new LeaseLost(this.name);
    this.#controller.abort(this.#lost);
    this.#over.abort();
  }

  stop(): void {
    this.#controller.abort(new LeaseStopped(this.name));
  }

  /** The work has ended. */
  end(): void {
    this.#over.abort();
  }

  #look(): void {
    if (!this.over.aborted && this.time.now() >= this.#until) this.lose();
  }

  #watch(): void {
    const callOff = this.time.after(this.#until - this.time.now(), () => {
      this.over.removeEventListener('abort', callOff);
      this.#look();
      if (!this.over.aborted) this.#watch();
    });
    this.over.addEventListener('abort', callOff, { once: true });
  }
}
