import { randomUUID } from 'node:crypto';
import { monotonicTime, waitFor, type MonotonicTime } from '../concurrency/monotonicTime.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { HeldTerm, type Term } from './leaseTerm.js';

/** Records by the name of the lease; never deleted, because their versions are fences. */
export const LEASES = 'leases';

/** `holder` null: given back. `candidate` tells whose write it was where two processes have one name. */
export type LeaseRecord = { readonly holder: string | null; readonly candidate: string };

export type LeaseOptions = {
  readonly operational: OperationalStore;
  readonly name: string;
  /** How this process is called, for people who look at the record. */
  readonly holder: string;
  /** Who has not renewed for so long is replaced. */
  readonly seconds: number;
  readonly failed: (error: unknown) => void;
  readonly time?: MonotonicTime;
};

/** A place in the queue for a lease. */
export interface Holding {
  /** Whether the lease is held now. */
  readonly held: boolean;
  /** Resolves when the work has ended and the lease was given back, so that a standby takes over at once. */
  stop(): Promise<void>;
}

/** Parts of the time after which a silent holder is replaced. */
const RENEWED_AFTER = 1 / 3;
/** He gives up before anybody else can take over; what is left is for ending what was begun. */
const GIVEN_UP_AFTER = 3 / 4;
const LOOKED_AT_AFTER = 1 / 20;

/**
 * One of several processes does something, and another one goes on when that one dies. Clocks are not compared: who waits
 * takes over when he has seen the same version of the record for as long as a holder may be silent, and a holder counts
 * from the beginning of his last renewal that succeeded. That holds as long as all clocks run about equally fast; a
 * machine that stands still together with its clock is what fences are for.
 */
export class Lease {
  constructor(private readonly options: LeaseOptions) {}

  /**
   * Waits for the lease and does the work while it is held; after a loss it waits again. Work that ends by itself gives the
   * lease back and is begun again a little later, by whoever gets the lease then; what it throws goes to `failed`.
   */
  hold(work: (term: Term) => Promise<void>): Holding {
    const contender = new Contender(this.options, work);
    const running = contender.run();
    return {
      get held() {
        return contender.holds;
      },
      stop: () => {
        contender.stop();
        return running;
      },
    };
  }
}

class Contender {
  readonly #candidate = randomUUID();
  readonly #stopping = new AbortController();
  readonly #time: MonotonicTime;
  readonly #milliseconds: number;
  #term: HeldTerm | undefined;

  constructor(
    private readonly options: LeaseOptions,
    private readonly work: (term: Term) => Promise<void>,
  ) {
    this.#time = options.time ?? monotonicTime;
    this.#milliseconds = options.seconds * 1000;
  }

  get holds(): boolean {
    return this.#term !== undefined && !this.#term.isLost;
  }

  stop(): void {
    this.#stopping.abort();
    this.#term?.stop();
  }

  async run(): Promise<void> {
    while (!this.#isStopping()) {
      const term = await this.#take();
      if (!term) return;
      if (this.#isStopping()) await this.#giveBack(term);
      else await this.#serve(term);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** @returns undefined if the process wants to end */
  async #take(): Promise<HeldTerm | undefined> {
    let seen = { version: 0, at: this.#time.now() };
    while (!this.#isStopping()) {
      try {
        const record = await this.#read();
        const version = record?.version ?? 0;
        if (version !== seen.version) seen = { version, at: this.#time.now() };
        // An own record: a write whose answer was lost, or the end of a term that nobody has taken over.
        const holder = record?.value.holder ?? null;
        const isFree = holder === null || record?.value.candidate === this.#candidate;
        if (isFree || this.#time.now() - seen.at >= this.#milliseconds) return await this.#takeAt(version);
      } catch (error) {
        // Somebody else was quicker.
        if (!(error instanceof VersionConflict)) this.options.failed(error);
      }
      await this.#wait(LOOKED_AT_AFTER, this.#stopping.signal);
    }
    return undefined;
  }

  async #takeAt(version: number): Promise<HeldTerm> {
    const begun = this.#time.now();
    await this.#put(this.options.holder, version);
    return new HeldTerm(this.options.name, version + 1, this.#time, this.#milliseconds * GIVEN_UP_AFTER, begun);
  }

  async #serve(term: HeldTerm): Promise<void> {
    this.#term = term;
    const renewing = this.#renewing(term);
    try {
      await this.work(term);
    } catch (error) {
      if (!isEnd(error, term)) this.options.failed(error);
    }
    const { isLost } = term;
    term.end();
    await renewing;
    this.#term = undefined;
    if (isLost) return;
    await this.#giveBack(term);
    await this.#wait(RENEWED_AFTER, this.#stopping.signal);
  }

  async #renewing(term: HeldTerm): Promise<void> {
    let pause = RENEWED_AFTER;
    for (;;) {
      await this.#wait(pause, term.over);
      if (term.over.aborted) return;
      try {
        const begun = await this.#write(this.options.holder, term);
        if (begun === undefined) term.lose();
        else term.renewed(begun);
        pause = RENEWED_AFTER;
      } catch (error) {
        this.options.failed(error);
        pause = LOOKED_AT_AFTER;
      }
    }
  }

  async #giveBack(term: HeldTerm): Promise<void> {
    try {
      await this.#write(null, term);
    } catch (error) {
      // It runs out by itself.
      this.options.failed(error);
    }
  }

  /** @returns when the write began that took effect; undefined if the lease is somebody else's */
  async #write(holder: string | null, term: HeldTerm): Promise<number | undefined> {
    for (;;) {
      const begun = this.#time.now();
      try {
        await this.#put(holder, term.version);
        term.version++;
        return begun;
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
      }
      const record = await this.#read();
      if (record?.value.candidate !== this.#candidate || record.version <= term.version) return undefined;
      // An own renewal whose answer was lost. When it took effect nobody knows, so it is done again.
      term.version = record.version;
    }
  }

  #read(): Promise<OperationalRecord<LeaseRecord> | undefined> {
    return this.options.operational.get<LeaseRecord>(LEASES, this.options.name);
  }

  async #put(holder: string | null, expected: number): Promise<void> {
    const value: LeaseRecord = { holder, candidate: this.#candidate };
    await this.options.operational.write([
      { kind: 'put', collection: LEASES, key: this.options.name, value, expected },
    ]);
  }

  #wait(part: number, signal: AbortSignal): Promise<void> {
    return waitFor(this.#time, this.#milliseconds * part, signal);
  }
}

/** Work that was told to end often says so by throwing. */
function isEnd(error: unknown, { signal }: Term): boolean {
  return signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
}
