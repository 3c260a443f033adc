import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestClock } from '../../test/support/world.js';
import { openEmbeddedStores, type EmbeddedEngines } from '../adapters/sqlite/embedded.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import { StoreUnavailable } from '../ports/errors.js';
import { PermanentFailure } from '../ports/eventBus.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Jobs, JOBS, type JobRecord } from './jobs.js';
import { JobWorker, type JobHandler, type JobWorkerOptions } from './jobWorker.js';

const LEASE = 60;
const MARK = 1_000;
const PATIENCE = { attempts: 3, firstPause: 1_000, longestPause: 60_000 };

describe('jobs', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let engines: EmbeddedEngines;
  let clock: TestClock;
  let jobs: Jobs;
  let failures: string[];
  let workers: JobWorker[];

  beforeEach(async () => {
    folder = temporaryFolder();
    engines = await openEmbeddedStores({ folder: folder.path });
    [clock, failures, workers] = [new TestClock(), [], []];
    jobs = new Jobs({ operational: engines.operational, clock });
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await engines.close();
    folder.remove();
  });

  const worker = (handler: JobHandler, options: Partial<JobWorkerOptions> = {}): JobWorker => {
    const made = new JobWorker({
      ...{ operational: engines.operational, clock, name: `worker ${workers.length}` },
      handlers: new Map([['sweep', handler]]),
      failed: (what, error) => failures.push(`${what}: ${error instanceof Error ? error.message : String(error)}`),
      ...{ patience: PATIENCE, leaseSeconds: LEASE, markSeconds: MARK },
      ...options,
    });
    workers.push(made);
    return made;
  };
  const add = (event: string): Promise<boolean> => jobs.add({ kind: 'sweep', event, data: { of: event } });
  const find = async (event: string): Promise<JobRecord | undefined> =>
    (await jobs.find({ kind: 'sweep', event }))?.value;
  const look = async (...looking: JobWorker[]): Promise<void> => {
    await Promise.all(looking.map((each) => each.look()));
    for (const each of looking) await each.finished();
  };

  /** The store as a process has it, until the process dies. */
  const mortal = (): { readonly operational: OperationalStore; readonly die: () => void } => {
    let isDead = false;
    const alive = <Answer>(ask: () => Promise<Answer>): Promise<Answer> =>
      isDead ? Promise.reject(new StoreUnavailable('the process is dead')) : ask();
    const { operational } = engines;
    return {
      operational: {
        get: (...call) => alive(() => operational.get(...call)),
        getMany: (...call) => alive(() => operational.getMany(...call)),
        list: (...call) => alive(() => operational.list(...call)),
        due: (...call) => alive(() => operational.due(...call)),
        write: (...call) => alive(() => operational.write(...call)),
      },
      die: () => {
        isDead = true;
      },
    };
  };

  it('are done once, however often their event comes', async () => {
    const done: string[] = [];
    const one = worker(({ event, data }) => {
      done.push(event);
      expect(data).toEqual({ of: event });
      return Promise.resolve();
    });
    expect([await add('a'), await add('a')]).toEqual([true, false]);
    await look(one);
    expect(await add('a')).toBe(false);
    await look(one);
    expect(done).toEqual(['a']);
    expect(await find('a')).toMatchObject({ state: 'done', attempts: 1, reason: null });
  });

  it('are forgotten when their event cannot come again', async () => {
    const one = worker(() => Promise.resolve());
    await add('a');
    await look(one);
    clock.pass(MARK - 1);
    await look(one);
    expect(await find('a')).toBeDefined();
    clock.pass(1);
    await look(one);
    expect(await find('a')).toBeUndefined();
  });

  it('are shared by workers, and each is done by one of them', async () => {
    const done: string[] = [];
    const many = Array.from({ length: 4 }, () =>
      worker(({ event }) => {
        done.push(event);
        return Promise.resolve();
      }),
    );
    const events = Array.from({ length: 40 }, (_, number) => `event-${number}`);
    await Promise.all(events.map(add));
    while (done.length < events.length) await look(...many);
    expect(done.toSorted()).toEqual(events.toSorted());
    expect(failures).toEqual([]);
  });

  it('are taken over from a worker that died, whose end then counts for nothing', async () => {
    const done: string[] = [];
    const hanging = Promise.withResolvers<undefined>();
    const { operational, die } = mortal();
    const dying = worker(() => hanging.promise.then(() => undefined), { operational });
    const other = worker(({ event }) => {
      done.push(event);
      return Promise.resolve();
    });
    await add('a');
    await dying.look();
    die();
    await look(other);
    clock.pass(LEASE - 1);
    await look(other);
    expect(done).toEqual([]);
    clock.pass(1);
    await look(other);
    expect(done).toEqual(['a']);
    const record = await find('a');
    expect(record).toMatchObject({ state: 'done', worker: 'worker 1', attempts: 2 });
    hanging.resolve(undefined);
    await dying.finished();
    expect(await find('a')).toEqual(record);
  });

  it('are not given up by a worker that was taken for dead and says so late', async () => {
    const hanging = Promise.withResolvers<undefined>();
    const late = worker(() => hanging.promise.then(() => undefined));
    const other = worker(() => Promise.resolve());
    await add('a');
    await late.look();
    clock.pass(LEASE);
    await look(other);
    const record = await find('a');
    expect(record).toMatchObject({ state: 'done', worker: 'worker 1' });
    hanging.reject(new PermanentFailure('too late'));
    await late.finished();
    expect(await find('a')).toEqual(record);
  });

  it('stay with a worker that takes long', async () => {
    const leaseSeconds = 0.3;
    const long = Promise.withResolvers<undefined>();
    const real = { now: (): ReturnType<TestClock['now']> => new Date().toISOString() as ReturnType<TestClock['now']> };
    const busy = worker(() => long.promise.then(() => undefined), { leaseSeconds, clock: real });
    let stolen = 0;
    const other = worker(
      () => {
        stolen++;
        return Promise.resolve();
      },
      { leaseSeconds, clock: real },
    );
    await add('a');
    await busy.look();
    // Each renewal raises the version by one: three leases would have run out by the tenth.
    while (((await jobs.find({ kind: 'sweep', event: 'a' }))?.version ?? 0) < 10) {
      await look(other);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    long.resolve(undefined);
    await busy.finished();
    expect(stolen).toBe(0);
    expect(await find('a')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('are tried again after growing pauses, and given up with the reason', async () => {
    let tries = 0;
    const one = worker(() => {
      tries++;
      return Promise.reject(new Error('broken'));
    });
    await add('a');
    const seen: (number | undefined)[] = [];
    for (let second = 0; second < 10; second++) {
      await look(one);
      seen.push(tries);
      clock.pass(1);
    }
    expect(seen).toEqual([1, 2, 2, 3, 3, 3, 3, 3, 3, 3]);
    expect(await find('a')).toMatchObject({ state: 'dead', attempts: 3, reason: 'Error: broken' });
    expect(failures.at(-1)).toBe('job sweep/a: the job was given up: Error: broken');
    expect(await add('a')).toBe(false);
  });

  it('are given up at once when they can never succeed', async () => {
    const one = worker(() => Promise.reject(new PermanentFailure('no such thing')));
    await add('a');
    await look(one);
    expect(await find('a')).toMatchObject({ state: 'dead', attempts: 1, reason: 'PermanentFailure: no such thing' });
  });

  it('are given up when every worker that tries them dies', async () => {
    await add('a');
    for (let death = 0; death < PATIENCE.attempts; death++) {
      const { operational, die } = mortal();
      const never = Promise.withResolvers<undefined>();
      const dying = worker(() => never.promise.then(() => undefined), { operational });
      await dying.look();
      die();
      never.resolve(undefined);
      await dying.finished();
      clock.pass(LEASE);
    }
    let tries = 0;
    await look(
      worker(() => {
        tries++;
        return Promise.resolve();
      }),
    );
    expect(tries).toBe(0);
    expect(await find('a')).toMatchObject({ state: 'dead', reason: 'the workers that tried it died' });
  });

  it('wait without end for what is away', async () => {
    let left = 20;
    const one = worker(() => (left-- > 0 ? Promise.reject(new StoreUnavailable('away')) : Promise.resolve()));
    await add('a');
    for (let round = 0; round < 21; round++) {
      await look(one);
      clock.pass(PATIENCE.longestPause / 1000);
    }
    expect(await find('a')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('are put back, as if they had not been begun, by a worker that stops', async () => {
    const begun = Promise.withResolvers<undefined>();
    const obedient = worker(async ({ signal }) => {
      begun.resolve(undefined);
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('interrupted'));
        });
      });
    });
    await add('a');
    await obedient.look();
    await begun.promise;
    await obedient.stop();
    expect(await find('a')).toMatchObject({ state: 'waiting', attempts: 0 });
    expect(failures).toEqual([]);
    await look(worker(() => Promise.resolve()));
    expect(await find('a')).toMatchObject({ state: 'done', attempts: 1 });
  });

  it('of a kind that the worker does not know are left to others', async () => {
    await jobs.add({ kind: 'newer', event: 'a', data: {} });
    await look(worker(() => Promise.resolve()));
    const [record] = await engines.operational.list<JobRecord>(JOBS, { limit: 10 });
    expect(record).toMatchObject({ key: 'newer/a', value: { state: 'waiting', attempts: 0 } });
    expect((record?.due ?? '') > clock.now()).toBe(true);
  });

  it('are found by a worker that was started, and at once when they are made beside it', async () => {
    const done = Promise.withResolvers<string>();
    const one = worker(
      ({ event }) => {
        done.resolve(event);
        return Promise.resolve();
      },
      { intervalSeconds: 3600 },
    );
    one.start();
    const beside = new Jobs({
      ...{ operational: engines.operational, clock },
      added: () => {
        one.soon();
      },
    });
    await beside.add({ kind: 'sweep', event: 'a', data: {} });
    expect(await done.promise).toBe('a');
  });
});
