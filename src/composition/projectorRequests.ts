import { setTimeout as pause } from 'node:timers/promises';
import { interruptible, reasonOf } from '../concurrency/patience.js';
import { START, type Position } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import { plusSeconds } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { PROJECTOR_REQUESTS } from '../workers/sweeper.js';
import type { Progressed, ProjectionVerdict } from './administration.js';
import type { ProjectionAdministration } from './projectionAdministration.js';

type Asked = { readonly kind: 'rebuild' | 'verify'; readonly projection: string | null };

type Request = Asked & {
  readonly state: 'asked' | 'running' | 'done' | 'failed';
  readonly done: number;
  readonly total: number;
  readonly position: Position;
  readonly verdicts: readonly (JsonObject & ProjectionVerdict)[];
  readonly reason: string | null;
  /** How often it was begun: who does it may have died of it. */
  readonly attempts: number;
};

/** Requests that nobody took away, and their answers, are kept so long. */
const KEPT_SECONDS = 86_400;
const LOOK_MILLISECONDS = 500;
const BATCH = 20;
/** Begun so often without an end, a request is given up. */
const ATTEMPTS = 2;
/** A standby takes over sooner. */
const NOBODY_MILLISECONDS = 60_000;

/** What the command line asks of the process that feeds the read models, and what that answers: records of the store. */
export class ProjectorRequests {
  constructor(
    private readonly deps: { readonly operational: OperationalStore; readonly clock: Clock; readonly ids: Ids },
  ) {}

  /** Asks and waits. @throws Error with what the other process said */
  async ask(
    asked: Asked,
    progressed: Progressed,
  ): Promise<Pick<Request, 'position'> & { verdicts: ProjectionVerdict[] }> {
    const key = this.deps.ids.next();
    const asking = performance.now();
    await this.#write(key, { ...asked, ...NOTHING_YET });
    for (;;) {
      await pause(LOOK_MILLISECONDS / 2);
      const record = await this.deps.operational.get<Request>(PROJECTOR_REQUESTS, key);
      if (!record) throw new Error('the request was taken away by somebody');
      const { state, done, total, position, verdicts, reason } = record.value;
      if (state === 'failed') throw new Error(reason ?? 'the process that feeds the read models failed');
      if (state === 'done') {
        await this.deps.operational.write([{ kind: 'delete', collection: PROJECTOR_REQUESTS, key }]);
        return { position, verdicts: [...verdicts] };
      }
      if (state === 'asked' && performance.now() - asking > NOBODY_MILLISECONDS) {
        await this.deps.operational.write([{ kind: 'delete', collection: PROJECTOR_REQUESTS, key }]);
        throw new Error('nobody feeds the read models: is there a process with the role projector?');
      }
      if (total > 0) progressed(done, total);
    }
  }

  /**
   * Does what is asked for, one after the other, until the signal aborts. What another process left half-done is done
   * again: only one at a time feeds the read models.
   */
  async serve(
    administration: ProjectionAdministration,
    signal: AbortSignal,
    failed: (error: unknown) => void,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        for (const request of await this.#open()) await this.#answer(request, administration, signal);
      } catch (error) {
        failed(error);
      }
      await interruptible(LOOK_MILLISECONDS, signal);
    }
  }

  async #open(): Promise<readonly OperationalRecord<Request>[]> {
    const records = await this.deps.operational.list<Request>(PROJECTOR_REQUESTS, { limit: BATCH });
    return records.filter(({ value }) => value.state === 'asked' || value.state === 'running');
  }

  async #answer(
    { key, value }: OperationalRecord<Request>,
    administration: ProjectionAdministration,
    signal: AbortSignal,
  ): Promise<void> {
    if (value.attempts >= ATTEMPTS) {
      const reason = `the process that did it ended ${value.attempts} times before it was done`;
      await this.#write(key, { ...value, state: 'failed', reason });
      return;
    }
    const begun: Request = { ...value, state: 'running', attempts: value.attempts + 1 };
    await this.#write(key, begun);
    let told = performance.now();
    let telling: Promise<void> | undefined;
    const progressed: Progressed = (done, total) => {
      // One at a time: one that is overtaken by the answer would take it back.
      if (telling || performance.now() - told < LOOK_MILLISECONDS) return;
      told = performance.now();
      telling = this.#write(key, { ...begun, done, total })
        // What was told too late is of no use to anybody: the answer comes in any case.
        .catch(() => undefined)
        .finally(() => {
          telling = undefined;
        });
    };
    const answer = await this.#act(value, administration, progressed);
    await telling;
    // Whoever has the lease next does it again.
    if (!signal.aborted) await this.#write(key, { ...begun, ...answer });
  }

  async #act(
    { kind, projection }: Asked,
    administration: ProjectionAdministration,
    progressed: Progressed,
  ): Promise<Partial<Request>> {
    try {
      if (kind === 'verify') {
        const verdicts = await administration.verifyProjections(progressed);
        return { state: 'done', verdicts: verdicts.map((verdict) => ({ ...verdict })) };
      }
      return { state: 'done', ...(await administration.rebuild(projection, progressed)) };
    } catch (error) {
      return { state: 'failed', reason: reasonOf(error) };
    }
  }

  #write(key: string, value: Request): Promise<void> {
    const due = plusSeconds(this.deps.clock.now(), KEPT_SECONDS);
    return this.deps.operational.write([{ kind: 'put', collection: PROJECTOR_REQUESTS, key, value, due }]);
  }
}

const NOTHING_YET = {
  ...({ state: 'asked', done: 0, total: 0, position: START } as const),
  ...{ verdicts: [], reason: null, attempts: 0 },
};
