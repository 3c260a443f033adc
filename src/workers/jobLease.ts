import { randomUUID } from 'node:crypto';
import { plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { JOBS, type JobRecord } from './jobs.js';

type LeaseDeps = {
  readonly operational: OperationalStore;
  readonly clock: Clock;
  readonly worker: string;
  readonly leaseSeconds: number;
  readonly failed: (error: unknown) => void;
};

/** A job that this worker may run until it is done with it, or falls silent. */
export class JobLease {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly deps: LeaseDeps,
    readonly key: string,
    readonly record: JobRecord,
    private version: number,
  ) {
    this.#timer = setInterval(() => void this.#renew(), (deps.leaseSeconds * 1000) / 3);
    this.#timer.unref();
  }

  /** Undefined if somebody else was faster. @throws StoreUnavailable */
  static async take(deps: LeaseDeps, job: OperationalRecord<JobRecord>): Promise<JobLease | undefined> {
    const { clock, worker, leaseSeconds } = deps;
    const now = clock.now();
    // The attempt counts from its beginning: of a worker that dies nobody hears an end.
    const attempts = job.value.attempts + 1;
    const record: JobRecord = { ...job.value, state: 'running', attempts, worker, lease: randomUUID(), since: now };
    const lease = new JobLease(deps, job.key, record, job.version);
    try {
      if (await lease.#write(record, plusSeconds(now, leaseSeconds))) return lease;
    } catch (error) {
      lease.#end();
      throw error;
    }
    lease.#end();
    return undefined;
  }

  /** Aborts when the job may be somebody else's. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * What becomes of the job; the lease ends with it.
   *
   * @returns false if somebody else has it now, and says what becomes of it
   * @throws StoreUnavailable; then it is run again when the lease has run out
   */
  async settle(record: JobRecord, due: Timestamp | null): Promise<boolean> {
    this.#end();
    await this.#last;
    return this.#write(record, due);
  }

  #end(): void {
    clearInterval(this.#timer);
  }

  #renew(): Promise<void> {
    const renewing = this.#last.then(async () => {
      const { clock, leaseSeconds, failed } = this.deps;
      try {
        if (await this.#write(this.record, plusSeconds(clock.now(), leaseSeconds))) return;
        this.#lost.abort();
        this.#end();
      } catch (error) {
        failed(error);
      }
    });
    this.#last = renewing;
    return renewing;
  }

  async #write(value: JobRecord, due: Timestamp | null): Promise<boolean> {
    try {
      await this.deps.operational.write([
        { kind: 'put', collection: JOBS, key: this.key, value, due, expected: this.version },
      ]);
      this.version += 1;
      return true;
    } catch (error) {
      if (error instanceof VersionConflict) return this.#isOwn(value, due);
      throw error;
    }
  }

  /** An earlier writing may have taken effect although its answer got lost. */
  async #isOwn(value: JobRecord, due: Timestamp | null): Promise<boolean> {
    const found = await this.deps.operational.get<JobRecord>(JOBS, this.key);
    if (found?.value.state !== 'running' || found.value.lease !== this.record.lease) return false;
    this.version = found.version;
    return this.#write(value, due);
  }
}
