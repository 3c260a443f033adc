import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { position } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import type { Projection } from './projection.js';
import { fingerprintOf, ReachRecord } from './reach.js';

const projection = (name: string, version = 1): Projection => ({ name, version, collections: [], handlers: {} });

describe('how far read models are', () => {
  let world: World;
  let tests = 0;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  /** Two processes that know the same projections. */
  const two = (): readonly [ReachRecord, ReachRecord] => {
    const projections = [projection(`sample-${++tests}`)];
    const { operational } = world.stores;
    return [new ReachRecord(operational, projections), new ReachRecord(operational, projections)];
  };

  it('is told from one process to the other', async () => {
    const [feeding, following] = two();
    expect((await following.read()).position).toBe(position(0));
    await feeding.announce({ position: position(3), era: 'one' });
    await feeding.announce({ position: position(4), era: 'one' });
    expect(await following.read()).toEqual({ position: position(4), era: 'one' });
  });

  it('is not set back by a feeder that was replaced', async () => {
    const [old, next] = two();
    await old.announce({ position: position(3), era: 'old' });
    await next.announce({ position: position(8), era: 'next' });
    await old.announce({ position: position(5), era: 'old' });
    expect(await next.read()).toEqual({ position: position(8), era: 'next' });
    await next.announce({ position: position(9), era: 'next' });
    expect(await old.read()).toEqual({ position: position(9), era: 'next' });
  });

  it('tells of another era also where nothing happened', async () => {
    const [feeding, following] = two();
    await feeding.announce({ position: position(3), era: 'one' });
    await feeding.announce({ position: position(3), era: 'two' });
    expect((await following.read()).era).toBe('two');
  });

  it('is told again when it is not known whether it was', async () => {
    const { operational } = world.stores;
    let lost = false;
    const losing: OperationalStore = {
      get: (...call) => operational.get(...call),
      getMany: (...call) => operational.getMany(...call),
      list: (...call) => operational.list(...call),
      due: (...call) => operational.due(...call),
      write: async (writes) => {
        await operational.write(writes);
        if (lost) return;
        lost = true;
        throw new StoreUnavailable('the answer got lost');
      },
    };
    const record = new ReachRecord(losing, [projection(`sample-${++tests}`)]);
    await expect(record.announce({ position: position(2), era: 'one' })).rejects.toThrow(StoreUnavailable);
    await record.announce({ position: position(2), era: 'one' });
    await record.announce({ position: position(3), era: 'one' });
    expect(await record.read()).toEqual({ position: position(3), era: 'one' });
  });

  it('is of one set of versions: programs that mean other documents have a record of their own', () => {
    const both = [projection('a'), projection('b')];
    expect(fingerprintOf(both)).toBe(fingerprintOf(both.toReversed()));
    expect(fingerprintOf(both)).not.toBe(fingerprintOf([projection('a'), projection('b', 2)]));
    expect(fingerprintOf(both)).not.toBe(fingerprintOf([projection('a')]));
  });
});
