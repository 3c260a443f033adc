import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestTime } from '../../test/support/testTime.js';
import { settled, WayToRecords } from '../../test/support/wayToRecords.js';
import { SqliteOperationalStore } from '../adapters/operational/sqlite.js';
import { openLog, type Log } from '../adapters/sqlite/log.js';
import { temporaryFolder } from '../adapters/sqlite/temporaryFolder.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Lease, LEASES, type Holding, type LeaseRecord } from './lease.js';
import { LeaseLost, LeaseStopped, type Term } from './leaseTerm.js';

const SECONDS = 10;
const STEP = 100;

let [folder, time, failures]: [ReturnType<typeof temporaryFolder>, TestTime, unknown[]] = [
  temporaryFolder(),
  new TestTime(),
  [],
];
let [log, store]: [Log | undefined, OperationalStore | undefined] = [undefined, undefined];
let processes: Process[] = [];

/** A process that wants the lease, and does nothing with it until it is told to end. */
class Process {
  readonly terms: Term[] = [];
  readonly holding: Holding;
  readonly way: WayToRecords;

  constructor(
    readonly name: string,
    work: (term: Term) => Promise<void> = untilAborted,
    readonly time = sharedTime(),
  ) {
    if (!store) throw new Error('only a running test has processes');
    this.way = new WayToRecords(store);
    const lease = new Lease({
      ...{ operational: this.way, name: 'projector', holder: name, seconds: SECONDS, time: this.time },
      failed: (error) => failures.push(error),
    });
    this.holding = lease.hold((term) => {
      this.terms.push(term);
      return work(term);
    });
    processes.push(this);
  }

  get fences(): readonly number[] {
    return this.terms.map(({ fence }) => fence);
  }

  get term(): Term {
    const term = this.terms.at(-1);
    if (!term) throw new Error(`${this.name} never had the lease`);
    return term;
  }
}

const sharedTime = (): TestTime => time;

const untilAborted = ({ signal }: Term): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

async function pass(seconds: number, ...times: readonly TestTime[]): Promise<void> {
  for (let step = 0; step < (seconds * 1000) / STEP; step++) {
    for (const each of times.length === 0 ? [time] : times) each.tick(STEP);
    await settled();
  }
}

const holders = (): readonly string[] => processes.filter(({ holding }) => holding.held).map(({ name }) => name);

async function record(): Promise<LeaseRecord | undefined> {
  return (await store?.get<LeaseRecord>(LEASES, 'projector'))?.value;
}

beforeEach(async () => {
  [folder, time, failures, processes] = [temporaryFolder(), new TestTime(), [], []];
  log = await openLog(join(folder.path, 'log.sqlite'));
  store = new SqliteOperationalStore(log);
});

afterEach(async () => {
  for (const { way } of processes) [way.away, way.losesAnswers] = [false, false];
  const stopped = Promise.all(processes.map(({ holding }) => holding.stop()));
  await pass(SECONDS, ...new Set([time, ...processes.map((each) => each.time)]));
  await stopped;
  await log?.close();
  folder.remove();
});

describe('a lease', () => {
  it('is held by one of three, for as long as he renews it', async () => {
    for (const name of ['one', 'two', 'three']) new Process(name);
    await settled();
    const first = holders();
    expect(first).toHaveLength(1);
    for (let round = 0; round < 60; round++) {
      await pass(1);
      expect(holders()).toEqual(first);
    }
    expect(processes.flatMap(({ terms }) => terms)).toHaveLength(1);
    expect((await record())?.holder).toBe(first[0]);
    expect(failures).toEqual([]);
  });

  it('is taken over when its holder has been silent for its time, and not before', async () => {
    const dying = new Process('dying');
    await settled();
    const standby = new Process('standby');
    await pass(20);
    dying.way.away = true;
    const seen: string[] = [];
    for (let step = 0; step < SECONDS * 20; step++) {
      await pass(0.1);
      const now = holders().join(' and ');
      if (now !== seen.at(-1)) seen.push(now);
    }
    expect(seen).toEqual(['dying', '', 'standby']);
    expect(dying.term.signal.reason).toBeInstanceOf(LeaseLost);
    expect(standby.term.fence).toBeGreaterThan(dying.term.fence);
  });

  it('is taken over at once after a clean stop, but not before the work has ended', async () => {
    let finish: () => void = () => undefined;
    const ending = new Promise<void>((resolve) => (finish = resolve));
    const leaving = new Process('leaving', async (term) => {
      await untilAborted(term);
      await ending;
    });
    await settled();
    const standby = new Process('standby');
    await pass(5);
    const stopped = leaving.holding.stop();
    await pass(60);
    expect(leaving.term.signal.reason).toBeInstanceOf(LeaseStopped);
    expect(() => {
      leaving.term.check();
    }).not.toThrow();
    expect(holders()).toEqual(['leaving']);
    finish();
    await stopped;
    expect((await record())?.holder).toBeNull();
    await pass(SECONDS / 20);
    expect(holders()).toEqual(['standby']);
    expect(standby.term.fence).toBeGreaterThan(leaving.term.fence);
    expect(failures).toEqual([]);
  });

  it('is lost by a holder that stood still, and he knows before he does anything', async () => {
    const ownTime = new TestTime();
    const still = new Process('still', untilAborted, ownTime);
    await settled();
    const standby = new Process('standby');
    await pass(2 * SECONDS);
    expect(holders()).toEqual(expect.arrayContaining(['standby']));
    // Woken up, with all that time gone: no timer has run yet.
    ownTime.passUnnoticed(2 * SECONDS * 1000);
    expect(still.term.signal.aborted).toBe(false);
    expect(() => {
      still.term.check();
    }).toThrow(LeaseLost);
    expect(still.term.signal.reason).toBeInstanceOf(LeaseLost);
    await pass(SECONDS, time, ownTime);
    expect(holders()).toEqual(['standby']);
    expect(still.terms).toHaveLength(1);
    expect(standby.term.fence).toBeGreaterThan(still.term.fence);
  });

  it('is lost by a holder whose clock stood still with him, as soon as he hears of his successor', async () => {
    const ownTime = new TestTime();
    const still = new Process('still', untilAborted, ownTime);
    await settled();
    new Process('standby');
    await pass(2 * SECONDS);
    expect(holders()).toEqual(['still', 'standby']);
    await pass(SECONDS * 0.4, ownTime);
    expect(still.term.signal.reason).toBeInstanceOf(LeaseLost);
    expect(holders()).toEqual(['standby']);
  });

  it('is kept while the store is away for a moment, and given up when that takes too long', async () => {
    const holder = new Process('holder');
    await settled();
    new Process('standby');
    await pass(SECONDS);
    for (const { way } of processes) way.away = true;
    await pass(SECONDS * 0.35);
    for (const { way } of processes) way.away = false;
    await pass(3 * SECONDS);
    expect(holders()).toEqual(['holder']);
    expect(holder.terms).toHaveLength(1);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((failure) => failure instanceof StoreUnavailable)).toBe(true);

    for (const { way } of processes) way.away = true;
    await pass(SECONDS);
    expect(holders()).toEqual([]);
    expect(holder.term.signal.reason).toBeInstanceOf(LeaseLost);
    for (const { way } of processes) way.away = false;
    await pass(SECONDS);
    expect(holders()).toHaveLength(1);
  });

  it('is kept when the answers to its renewals are lost', async () => {
    const holder = new Process('holder');
    await settled();
    new Process('standby');
    for (let round = 0; round < 5; round++) {
      holder.way.losesAnswers = true;
      await pass(SECONDS * 0.4);
      holder.way.losesAnswers = false;
      await pass(SECONDS);
    }
    expect(holders()).toEqual(['holder']);
    expect(holder.terms).toHaveLength(1);
  });

  it('is taken at once by him whose first write took effect unheard', async () => {
    const holder = new Process('holder');
    holder.way.losesAnswers = true;
    await settled();
    expect(holders()).toEqual([]);
    expect((await record())?.holder).toBe('holder');
    holder.way.losesAnswers = false;
    await pass(1);
    expect(holders()).toEqual(['holder']);
  });

  it('has a fence that rises with every term', async () => {
    const fences: number[] = [];
    for (let round = 0; round < 5; round++) {
      const next = new Process(`process ${round}`);
      await pass(SECONDS + 1);
      fences.push(next.term.fence);
      if (round % 2 === 0) {
        await next.holding.stop();
      } else {
        next.way.away = true;
        await pass(2 * SECONDS);
        await next.holding.stop();
        next.way.away = false;
      }
      await pass(SECONDS);
    }
    expect(fences).toHaveLength(5);
    for (const [index, fence] of fences.entries()) expect(fence).toBeGreaterThan(fences[index - 1] ?? 0);
  });

  it('is given back when the work fails, which is told, and the work begins again', async () => {
    let begun = 0;
    const holder = new Process('holder', async (term) => {
      if (++begun === 1) throw new Error('the first time');
      await untilAborted(term);
    });
    await settled();
    expect(failures).toEqual([new Error('the first time')]);
    expect((await record())?.holder).toBeNull();
    await pass(SECONDS / 2);
    expect(begun).toBe(2);
    expect(holder.fences[1]).toBeGreaterThan(holder.fences[0] ?? 0);
    expect(holders()).toEqual(['holder']);
  });

  it('lets nothing go on that its work left running when it ended', async () => {
    const holder = new Process('holder', () => Promise.reject(new Error('one of two things that it did')));
    await settled();
    expect((await record())?.holder).toBeNull();
    expect(() => {
      holder.term.check();
    }).toThrow(LeaseLost);
  });

  it('is not waited for any longer once the process wants to end', async () => {
    new Process('holder');
    await settled();
    const waiting = new Process('waiting');
    await settled();
    await waiting.holding.stop();
    await pass(SECONDS);
    expect(waiting.terms).toEqual([]);
    expect(holders()).toEqual(['holder']);
  });
});
