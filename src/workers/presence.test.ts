import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestTime } from '../../test/support/testTime.js';
import { settled, WayToRecords } from '../../test/support/wayToRecords.js';
import { World } from '../../test/support/world.js';
import { StoreUnavailable } from '../ports/errors.js';
import { Attendance, PRESENCES, tellPresence, type Presence, type PresenceRecord } from './presence.js';
import { Sweeper } from './sweeper.js';

const SECONDS = 10;
const STEP = 100;
const DAY = 86_400;

describe('the presence of a process', () => {
  let world: World;
  let time: TestTime;
  let way: WayToRecords;
  let failures: unknown[];
  let presences: Presence[];
  beforeEach(async () => {
    world = await World.open();
    [time, way, failures, presences] = [new TestTime(), new WayToRecords(world.stores.operational), [], []];
  });
  afterEach(async () => {
    way.away = false;
    await Promise.all(presences.map((presence) => presence.stop()));
    await world.close();
  });

  const tell = async (node: string, kind: PresenceRecord['kind'] = 'serving'): Promise<Presence> => {
    const presence = await tellPresence({
      ...{ operational: way, clock: world.clock, time },
      presence: { kind, node, roles: ['api'], seconds: SECONDS },
      failed: (error) => failures.push(error),
    });
    presences.push(presence);
    return presence;
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let step = 0; step < (seconds * 1000) / STEP; step++) {
      time.tick(STEP);
      await settled();
    }
  };
  /** What is found out when as many seconds have passed; 'nothing yet' if that takes longer. */
  const foundWithin = async (seconds: number, looking: Promise<PresenceRecord | undefined>): Promise<unknown> => {
    let found: unknown = 'nothing yet';
    const looked = looking.then((living) => (found = living?.node));
    await settled();
    await pass(seconds);
    if (found !== 'nothing yet') await looked;
    return found;
  };
  const attendance = (): Attendance =>
    new Attendance({ operational: new WayToRecords(world.stores.operational), kind: 'serving', time });
  const there = async (): Promise<readonly string[]> =>
    (await world.stores.operational.list<PresenceRecord>(PRESENCES, { limit: 10 })).map(({ value }) => value.node);

  it('is told from the beginning to a clean stop', async () => {
    const presence = await tell('node');
    expect(await there()).toEqual(['node']);
    await presence.stop();
    expect(await there()).toEqual([]);
    await pass(2 * SECONDS);
    expect(await there()).toEqual([]);
    expect(failures).toEqual([]);
  });

  it('is known by its next sign of life', async () => {
    await tell('node');
    expect(await foundWithin(SECONDS / 3 + SECONDS / 10, attendance().living())).toBe('node');
  });

  it('is no more when it has been silent for its time, and not before', async () => {
    await tell('node');
    way.away = true;
    const looking = attendance().living();
    expect(await foundWithin(SECONDS - 1, looking)).toBe('nothing yet');
    expect(await foundWithin(2, looking)).toBeUndefined();
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((failure) => failure instanceof StoreUnavailable)).toBe(true);
  });

  it('outlives that its record cannot be written for a while', async () => {
    await tell('node');
    way.away = true;
    await pass(SECONDS / 2);
    way.away = false;
    expect(await foundWithin(SECONDS / 5, attendance().living())).toBe('node');
  });

  it('is taken away when it was waited for in vain, so that nobody waits for it again', async () => {
    await tell('dead');
    way.away = true;
    const waited: string[] = [];
    const operational = new WayToRecords(world.stores.operational);
    const look = new Attendance({ operational, kind: 'serving', time, waits: (what) => waited.push(what) });
    expect(await foundWithin(SECONDS + 1, look.living())).toBeUndefined();
    expect(waited).toEqual(['waiting up to 10 s to see whether dead still lives']);
    expect(await there()).toEqual([]);
    expect(await foundWithin(0, attendance().living())).toBeUndefined();
  });

  it('is left, and found, when it shows a sign of life at the moment in which it is taken away', async () => {
    await tell('late');
    way.away = true;
    const { operational } = world.stores;
    const [record] = await operational.list<PresenceRecord>(PRESENCES, { limit: 1 });
    const renewal = [
      { kind: 'put', collection: PRESENCES, key: record?.key ?? '', value: record?.value ?? {} },
    ] as const;
    const late = new WayToRecords({
      get: operational.get.bind(operational),
      getMany: operational.getMany.bind(operational),
      list: operational.list.bind(operational),
      due: operational.due.bind(operational),
      write: async (writes) => {
        await operational.write(renewal);
        await operational.write(writes);
      },
    });
    const look = new Attendance({ operational: late, kind: 'serving', time });
    expect(await foundWithin(SECONDS + 1, look.living())).toBe('late');
    expect(await there()).toEqual(['late']);
  });

  it('is waited for by nobody where nobody is, or only others', async () => {
    await tell('mover', 'migrating');
    expect(await foundWithin(0, attendance().living())).toBeUndefined();
  });

  it('is found at the end when it came after the beginning, or woke up', async () => {
    await tell('sleeper');
    way.away = true;
    const looks = attendance();
    expect(await foundWithin(SECONDS + 1, looks.living())).toBeUndefined();
    expect(await looks.came(SECONDS)).toBeUndefined();
    way.away = false;
    await pass(SECONDS / 2);
    expect((await looks.came(SECONDS))?.node).toBe('sleeper');
    const later = attendance();
    for (const presence of presences) await presence.stop();
    expect(await foundWithin(0, later.living())).toBeUndefined();
    await tell('newcomer');
    expect(await foundWithin(SECONDS, later.came(SECONDS))).toBe('newcomer');
  });

  it('that came and ended is not found, though it showed that it lived before it found that it must not', async () => {
    const looks = attendance();
    expect(await foundWithin(0, looks.living())).toBeUndefined();
    const refused = await tell('refused');
    const looking = looks.came(SECONDS);
    expect(await foundWithin(SECONDS * 0.4, looking)).toBe('nothing yet');
    await refused.stop();
    expect(await foundWithin(SECONDS * 0.2, looking)).toBeUndefined();
  });

  it('that came and was killed is waited for, once, and found when it was not killed after all', async () => {
    const looks = attendance();
    expect(await foundWithin(0, looks.living())).toBeUndefined();
    await tell('killed');
    way.away = true;
    const looking = looks.came(SECONDS);
    expect(await foundWithin(SECONDS, looking)).toBe('nothing yet');
    expect(await foundWithin(SECONDS, looking)).toBeUndefined();
    expect(await foundWithin(0, looks.came(SECONDS))).toBeUndefined();
    way.away = false;
    await pass(SECONDS / 10);
    expect(await foundWithin(0, looks.came(SECONDS))).toBe('killed');
  });

  it('of those that come one after the other, and all end, is not waited for for ever', async () => {
    const looks = attendance();
    expect(await foundWithin(0, looks.living())).toBeUndefined();
    let last = await tell('refused');
    const looking = looks.came(SECONDS);
    for (let round = 0; round < 8; round++) {
      await foundWithin(SECONDS / 10, looking);
      const next = await tell(`refused ${round}`);
      await last.stop();
      last = next;
    }
    expect(await foundWithin(0, looking)).toBeUndefined();
  });

  it('is swept a day after its last sign of life, and comes again if it lives', async () => {
    const { clock } = world;
    const { operational, blobs } = world.stores;
    const sweeper = new Sweeper({
      ...{ operational, blobs, clock, sweepsUploads: false, uploadSeconds: DAY },
    });
    await tell('node');
    clock.pass(DAY - 1);
    await sweeper.sweep(new AbortController().signal);
    expect(await there()).toEqual(['node']);
    clock.pass(1);
    await sweeper.sweep(new AbortController().signal);
    expect(await there()).toEqual([]);
    await pass(SECONDS / 2);
    expect(await there()).toEqual(['node']);
    expect(failures).toEqual([]);
  });
});
