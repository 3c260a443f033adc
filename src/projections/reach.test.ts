import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { position, START } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { Announcer, FeederReplaced } from './announcer.js';
import { Follower } from './follower.js';
import type { Projection } from './projection.js';
import { fingerprintOf, ReachRecord } from './reach.js';

const projection = (name: string, version = 1): Projection => ({ name, version, collections: [], handlers: {} });

describe('how far read models are', () => {
  let world: World;
  let tests = 0;
  /** What the processes share. */
  let projections: readonly Projection[];
  let build: string;
  /** What the announcers waited for, and told. */
  let steps: string[];
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    projections = [projection(`sample-${++tests}`)];
    build = 'first';
    steps = [];
  });

  const recordOn = (operational: OperationalStore = world.stores.operational): ReachRecord =>
    new ReachRecord(operational, projections);
  const announcer = (fence: number, operational?: OperationalStore, check: () => void = () => undefined): Announcer => {
    const lanes = () =>
      Promise.resolve(
        projections.map(({ name, version }) => ({
          ...{ projection: name, version, build, active: true, checkpoint: START },
        })),
      );
    return new Announcer({
      ...{ record: recordOn(operational), projections, documents: { lanes }, term: { fence, check } },
      routesKnown: async () => {
        steps.push(`routes are known after ${(await recordOn().read()).era}`);
      },
    });
  };
  const opened = async (...parameters: Parameters<typeof announcer>): Promise<Announcer> => {
    const opening = announcer(...parameters);
    await opening.opened();
    return opening;
  };

  it('is told from one process to the other', async () => {
    expect(await recordOn().read()).toMatchObject({ position: START, era: '', fence: 0 });
    const feeding = await opened(1);
    await feeding.passed(position(3));
    await feeding.passed(position(4));
    expect(await recordOn().read()).toMatchObject({ position: position(4), fence: 1 });
  });

  it('is written only where something is told', async () => {
    const feeding = await opened(1);
    await feeding.passed(position(3));
    const { version } = await recordOn().read();
    await feeding.passed(position(3));
    await feeding.passed(position(2));
    await feeding.opened();
    expect((await recordOn().read()).version).toBe(version);
  });

  it('is announced by nobody who was replaced while he slept: position, era and all', async () => {
    const old = await opened(1);
    await old.passed(position(3));
    build = 'rebuilt';
    const next = await opened(2);
    const announced = await recordOn().read();
    expect(announced).toMatchObject({ position: position(3), fence: 2 });
    // What he knows of the record is from before.
    await expect(old.passed(position(5))).rejects.toThrow(FeederReplaced);
    // Equal but for the era, which would tell who follows that nothing had changed.
    await expect(old.passed(position(3))).rejects.toThrow(FeederReplaced);
    await expect(old.opened()).rejects.toThrow(FeederReplaced);
    expect(await recordOn().read()).toEqual(announced);
    await next.passed(position(9));
    expect(await recordOn().read()).toMatchObject({ position: position(9), era: announced.era, fence: 2 });
  });

  it('is not announced by who knows himself that his time is over', async () => {
    let over = false;
    const feeding = await opened(1, undefined, () => {
      if (over) throw new Error('the lease was lost');
    });
    over = true;
    await expect(feeding.passed(position(3))).rejects.toThrow('the lease was lost');
    expect((await recordOn().read()).position).toBe(START);
  });

  it('is not set back by who follows another: his lanes note less than was announced', async () => {
    await (await opened(1)).passed(position(8));
    const next = await opened(2);
    await next.passed(position(5));
    expect(await recordOn().read()).toMatchObject({ position: position(8), fence: 2 });
  });

  describe('tells of another era', () => {
    it('where nothing happened, and waits before anything is fed for those who were told nothing', async () => {
      const feeding = await opened(1);
      expect(steps).toEqual([]);
      await feeding.passed(position(3));
      const { era } = await recordOn().read();
      build = 'rebuilt';
      await feeding.opened();
      const rebuilt = await recordOn().read();
      expect(rebuilt.era).not.toBe(era);
      expect(rebuilt.position).toBe(position(3));
      expect(steps).toEqual([`routes are known after ${rebuilt.era}`]);
    });

    it('that began before the term did', async () => {
      await opened(1);
      build = 'rebuilt';
      await opened(2);
      expect(steps).toEqual([`routes are known after ${(await recordOn().read()).era}`]);
      await opened(3);
      expect(steps).toHaveLength(1);
    });

    it('and waits also where the answer to that was lost', async () => {
      const operational = losing();
      const feeding = await opened(1, operational);
      build = 'rebuilt';
      operational.loseNext();
      await expect(feeding.opened()).rejects.toThrow(StoreUnavailable);
      expect(steps).toEqual([]);
      await feeding.opened();
      expect(steps).toHaveLength(1);
    });

    it('to who follows, also where nobody waits, and before he believes the position', async () => {
      const feeding = await opened(1);
      await feeding.passed(position(3));
      const { promise: changed, resolve: change } = Promise.withResolvers<undefined>();
      const seen: [string, string][] = [];
      const follower: Follower = new Follower({
        reached: () => recordOn().read(),
        eraChanged: async () => {
          seen.push([(await recordOn().read()).era, follower.position]);
          if (seen.length > 1) change(undefined);
        },
        failed: (error) => {
          throw error;
        },
      });
      follower.start();
      await follower.waitFor(position(3));
      build = 'rebuilt';
      await feeding.opened();
      await changed;
      expect(seen.map(([, before]) => before)).toEqual([START, position(3)]);
      expect(seen[0]?.[0]).not.toBe(seen[1]?.[0]);
      await follower.close();
    });
  });

  /** A store whose answer to the next write gets lost. */
  function losing(): OperationalStore & { readonly loseNext: () => void } {
    const { operational } = world.stores;
    let lost = false;
    return {
      get: (...call) => operational.get(...call),
      getMany: (...call) => operational.getMany(...call),
      list: (...call) => operational.list(...call),
      due: (...call) => operational.due(...call),
      write: async (writes) => {
        await operational.write(writes);
        if (!lost) return;
        lost = false;
        throw new StoreUnavailable('the answer got lost');
      },
      loseNext: () => {
        lost = true;
      },
    };
  }

  it('is told again when it is not known whether it was', async () => {
    const operational = losing();
    const feeding = await opened(1, operational);
    operational.loseNext();
    await expect(feeding.passed(position(2))).rejects.toThrow(StoreUnavailable);
    await feeding.passed(position(2));
    await feeding.passed(position(3));
    expect(await recordOn().read()).toMatchObject({ position: position(3), fence: 1 });
  });

  it('is of one set of versions: programs that mean other documents have a record of their own', () => {
    const both = [projection('a'), projection('b')];
    expect(fingerprintOf(both)).toBe(fingerprintOf(both.toReversed()));
    expect(fingerprintOf(both)).not.toBe(fingerprintOf([projection('a'), projection('b', 2)]));
    expect(fingerprintOf(both)).not.toBe(fingerprintOf([projection('a')]));
  });
});
