import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { LOGIN_FAILURES, LoginAttempts } from './loginAttempts.js';

describe('attempts to sign in', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  /** Those that one process counts. */
  const attempts = (): LoginAttempts => {
    const { clock, sealing, stores } = world;
    return new LoginAttempts({ operational: stores.operational, sealing, clock });
  };
  const locked = async (name: string): Promise<number> => (await attempts().of(name)).lockedSeconds;
  const fail = async (name: string, times: number): Promise<void> => {
    for (let time = 0; time < times; time++) await (await attempts().of(name)).failed();
  };

  it('lock a name for longer after each failure, whichever process saw it', async () => {
    const seconds: number[] = [];
    for (let time = 0; time < 6; time++) {
      await fail('ada', 1);
      seconds.push(await locked('ada'));
    }
    expect(seconds).toEqual([1, 2, 4, 8, 16, 32]);
    expect(await locked(' ADA')).toBe(32);
    expect(await locked('bob')).toBe(0);
    world.clock.pass(32);
    expect(await locked('ada')).toBe(0);
    await fail('ada', 1);
    expect(await locked('ada')).toBe(64);
  });

  it('lock it for a day at most', async () => {
    await fail('long', 40);
    expect(await locked('long')).toBe(86_400);
  });

  it('begin anew after the right password, and after a new one', async () => {
    await fail('carol', 3);
    await (await attempts().of('carol')).succeeded();
    expect(await locked('carol')).toBe(0);
    await fail('carol', 1);
    expect(await locked('carol')).toBe(1);
    await attempts().forgive(['nobody', 'Carol']);
    expect(await locked('carol')).toBe(0);
  });

  it('all count that fail at once', async () => {
    const known = await Promise.all(Array.from({ length: 5 }, () => attempts().of('dave')));
    await Promise.all(known.map((each) => each.failed()));
    expect(await locked('dave')).toBe(16);
  });

  it('are forgotten, a few of them soon, and never name anybody', async () => {
    await fail('few', 3);
    await fail('many', 4);
    world.clock.pass(3_600 + 8);
    const { operational } = world.stores;
    const due = await operational.due<{ count: number }>(LOGIN_FAILURES, { until: world.clock.now(), limit: 100 });
    expect(due.filter(({ value }) => value.count === 3)).toHaveLength(1);
    expect(due.filter(({ value }) => value.count === 4)).toEqual([]);
    const kept = await operational.list(LOGIN_FAILURES, { limit: 100 });
    // Names with a letter that is no hexadecimal digit: keys are random ones.
    expect(JSON.stringify(kept)).not.toMatch(/few|many|carol|dave/);
  });
});
