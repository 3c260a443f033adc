import { pauseAfter, reasonOf, type Patience } from '../concurrency/patience.js';
import type { JsonObject } from '../domain/shared/json.js';
import { plusSeconds, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { StoreUnavailable, VersionConflict } from '../ports/errors.js';
import { PermanentFailure } from '../ports/eventBus.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { JobLease } from './jobLease.js';
import { eventOf, JOBS, kindOf, type JobRecord } from './jobs.js';
import { Repeating } from './repeating.js';

/**
 * Does a job. It may be done twice, even at the same time for a moment, so its effect is keyed by the event.
 *
 * @param signal aborts when the worker is to stop, or the job is somebody else's now: then it may end by rejecting
 * @throws StoreUnavailable it is tried again until that is back; PermanentFailure it never will succeed
 */
export type JobHandler = (job: {
  readonly event: string;
  readonly data: JsonObject;
  readonly signal: AbortSignal;
}) => Promise<void>;

export type JobWorkerOptions = {
  readonly operational: OperationalStore;
  readonly clock: Clock;
  /** By kind. */
  readonly handlers: ReadonlyMap<string, JobHandler>;
  /** Of this worker, and no other. */
  readonly name: string;
  readonly failed: (what: string, error: unknown) => void;
  readonly patience?: Patience;
  /** A worker that is silent for so long is taken for dead. */
  readonly leaseSeconds?: number;
  /** How long a job that is done is remembered: longer than its event can come again. */
  readonly markSeconds?: number;
  readonly intervalSeconds?: number;
  readonly concurrency?: number;
};

const DEFAULTS = {
  patience: { attempts: 10, firstPause: 1_000, longestPause: 600_000 },
  leaseSeconds: 60,
  // A bus keeps events for a week or two; a consumer that has not come for so long begins anew.
  markSeconds: 30 * 86_400,
  intervalSeconds: 1,
  concurrency: 4,
};
/** How long a worker leaves a job alone that a newer program must have made. */
const UNKNOWN_SECONDS = 60;
const BATCH = 50;

/** Runs jobs that are due, beside as many other workers as there are. */
export class JobWorker {
  readonly #options;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  readonly #looking: Repeating;

  constructor(options: JobWorkerOptions) {
    this.#options = { ...DEFAULTS, ...options };
    this.#looking = new Repeating({
      work: () => this.look(),
      intervalSeconds: this.#options.intervalSeconds,
      failed: (error) => {
        options.failed('jobs', error);
      },
    });
  }

  start(): void {
    this.#looking.start();
  }

  /** Looks for jobs now. */
  soon(): void {
    if (!this.#stopping.signal.aborted) this.#looking.soon();
  }

  /** Begins no more; resolves when those that run have ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking.stop();
    await this.finished();
  }

  /** Resolves when no job runs. */
  async finished(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Begins what is due and can be begun, and sweeps what is over. @throws StoreUnavailable */
  async look(): Promise<void> {
    const { operational, clock } = this.#options;
    const due = await operational.due<JobRecord>(JOBS, { until: clock.now(), limit: BATCH });
    for (const job of due) {
      if (this.#stopping.signal.aborted) return;
      const handle = this.#options.handlers.get(kindOf(job.key));
      if (job.value.state === 'done') await this.#sweep(job);
      else if (!handle) await this.#leave(job);
      else if (this.#running.size < this.#options.concurrency) await this.#begin(job, handle);
    }
  }

  async #begin(job: OperationalRecord<JobRecord>, handle: JobHandler): Promise<void> {
    const lease = await JobLease.take(
      {
        ...{ operational: this.#options.operational, clock: this.#options.clock, worker: this.#options.name },
        leaseSeconds: this.#options.leaseSeconds,
        failed: this.#failed(job.key),
      },
      job,
    );
    if (!lease) return;
    const running = this.#run(lease, handle).catch(this.#failed(job.key));
    this.#running.add(running);
    void running.finally(() => {
      this.#running.delete(running);
      this.soon();
    });
  }

  async #run(lease: JobLease, handle: JobHandler): Promise<void> {
    const { clock, markSeconds, patience } = this.#options;
    const { key, record } = lease;
    if (record.attempts > patience.attempts) {
      const attempts = patience.attempts;
      await this.#bury(lease, { ...record, attempts, reason: record.reason ?? 'the workers that tried it died' });
      return;
    }
    const signal = AbortSignal.any([lease.lost, this.#stopping.signal]);
    try {
      await handle({ event: eventOf(key), data: record.data, signal });
    } catch (error) {
      await this.#fail(lease, error);
      return;
    }
    const now = clock.now();
    await lease.settle({ ...record, state: 'done', reason: null, since: now }, plusSeconds(now, markSeconds));
  }

  async #fail(lease: JobLease, error: unknown): Promise<void> {
    const { clock, patience } = this.#options;
    const { key, record } = lease;
    const now = clock.now();
    const before: JobRecord = { ...record, state: 'waiting', attempts: record.attempts - 1, since: now };
    if (this.#stopping.signal.aborted) {
      await lease.settle(before, now);
      return;
    }
    this.#failed(key)(error);
    const reason = reasonOf(error);
    if (error instanceof StoreUnavailable) {
      const pauses = record.pauses + 1;
      await lease.settle({ ...before, pauses, reason }, after(now, pauseAfter(pauses, patience)));
    } else if (error instanceof PermanentFailure || record.attempts >= patience.attempts) {
      await this.#bury(lease, { ...record, reason, since: now });
    } else {
      const due = after(now, pauseAfter(record.attempts, patience));
      await lease.settle({ ...record, state: 'waiting', pauses: 0, reason, since: now }, due);
    }
  }

  async #bury(lease: JobLease, record: JobRecord): Promise<void> {
    if (await lease.settle({ ...record, state: 'dead' }, null)) {
      this.#failed(lease.key)(new Error(`the job was given up: ${record.reason}`));
    }
  }

  #sweep({ key, version }: OperationalRecord<JobRecord>): Promise<void> {
    return this.#unlessOvertaken([{ kind: 'delete', collection: JOBS, key, expected: version }]);
  }

  #leave({ key, version, value }: OperationalRecord<JobRecord>): Promise<void> {
    const due = plusSeconds(this.#options.clock.now(), UNKNOWN_SECONDS);
    return this.#unlessOvertaken([{ kind: 'put', collection: JOBS, key, value, due, expected: version }]);
  }

  async #unlessOvertaken(writes: Parameters<OperationalStore['write']>[0]): Promise<void> {
    try {
      await this.#options.operational.write(writes);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
    }
  }

  #failed(key: string): (error: unknown) => void {
    return (error) => {
      this.#options.failed(`job ${key}`, error);
    };
  }
}

const after = (now: Timestamp, milliseconds: number): Timestamp => plusSeconds(now, milliseconds / 1000);
