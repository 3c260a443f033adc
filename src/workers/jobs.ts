import type { JsonObject } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';

/** Work that an event makes necessary and that may take long or fail. */
export type JobRequest = {
  readonly kind: string;
  /** Of the event: the same event makes the same job, however often it comes. */
  readonly event: string;
  readonly data: JsonObject;
};

/**
 * `waiting`: for its due time. `running`: leased until its due time. `done`: a mark that it needs no doing again, until
 * its due time. `dead`: given up; it is due at no time, and waits for people.
 */
export type JobRecord = {
  readonly state: 'waiting' | 'running' | 'done' | 'dead';
  readonly data: JsonObject;
  /** Those begun that failed, or whose worker died. */
  readonly attempts: number;
  /** How often in a row something that it needs was away. */
  readonly pauses: number;
  /** Who runs it, or did last. */
  readonly worker: string | null;
  /** Of that running, and of no other. */
  readonly lease: string | null;
  /** Of the last failure. */
  readonly reason: string | null;
  readonly since: Timestamp;
};

/** Records by `<kind>/<event id>`. */
export const JOBS = 'jobs';

export const jobKey = ({ kind, event }: Pick<JobRequest, 'kind' | 'event'>): string => `${kind}/${event}`;
export const kindOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));
export const eventOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

/** The jobs that there are, in the operational store. */
export class Jobs {
  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly clock: Clock;
      /** Told of each new job: a worker of this process need not find it by looking. */
      readonly added?: () => void;
    },
  ) {}

  /** @returns false if the job is known already @throws StoreUnavailable */
  async add(request: JobRequest): Promise<boolean> {
    const { operational, clock, added } = this.deps;
    const now = clock.now();
    const { data } = request;
    const value: JobRecord = {
      ...{ state: 'waiting', data, attempts: 0, pauses: 0, worker: null, lease: null, reason: null },
      since: now,
    };
    try {
      const key = jobKey(request);
      await operational.write([{ kind: 'put', collection: JOBS, key, value, due: now, expected: 0 }]);
    } catch (error) {
      if (error instanceof VersionConflict) return false;
      throw error;
    }
    added?.();
    return true;
  }

  find(request: Pick<JobRequest, 'kind' | 'event'>): Promise<OperationalRecord<JobRecord> | undefined> {
    return this.deps.operational.get<JobRecord>(JOBS, jobKey(request));
  }
}
