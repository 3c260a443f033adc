import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestTime } from '../../test/support/testTime.js';
import { settled, WayToRecords } from '../../test/support/wayToRecords.js';
import { World } from '../../test/support/world.js';
import { MigrationRefused } from '../commands/migration/refusals.js';
import { Lease, LEASES, type Holding } from '../workers/lease.js';
import { PRESENCES, tellPresence, type Presence } from '../workers/presence.js';
import { attend } from './attending.js';
import { keepOut, type KeptOut } from './keepOut.js';

const SECONDS = 10;
const STEP = 100;

describe('while two installations are moved', () => {
  let world: World;
  let time: TestTime;
  let operational: WayToRecords;
  let holdings: Holding[];
  let kept: KeptOut[];
  let presences: Presence[];
  let waited: string[];
  beforeEach(async () => {
    world = await World.open();
    [time, operational] = [new TestTime(), new WayToRecords(world.stores.operational)];
    [holdings, kept, presences, waited] = [[], [], [], []];
  });
  afterEach(async () => {
    await decided(
      Promise.all([...[...holdings, ...presences].map((each) => each.stop()), ...kept.map((each) => each.release())]),
    );
    await world.close();
  });

  const failed = (error: unknown): void => {
    throw error;
  };
  const waits = (what: string): void => {
    waited.push(what);
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let step = 0; step < (seconds * 1000) / STEP; step++) {
      time.tick(STEP);
      await settled();
    }
  };
  /** Time passes until it is decided. */
  const decided = async <Result>(deciding: Promise<Result>): Promise<Result> => {
    const decision = { isMade: false };
    const over = Promise.allSettled([deciding]).then(() => (decision.isMade = true));
    await settled();
    while (!decision.isMade) await pass(STEP / 1000);
    await over;
    return deciding;
  };
  const keep = async (): Promise<KeptOut> => {
    const { clock } = world;
    const mover = { names: ['relay'], holder: 'mover', seconds: SECONDS, failed, waits };
    const out = await decided(keepOut({ operational, clock, time, ...mover }));
    kept.push(out);
    return out;
  };

  /** Resolves when the node has the lease. */
  const serve = (holder: string, name: string): Promise<undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const lease = new Lease({ operational, name, holder, seconds: SECONDS, time, failed: reject });
    const holding = lease.hold(
      ({ signal }) =>
        new Promise((end) => {
          resolve(undefined);
          signal.addEventListener('abort', () => {
            end();
          });
        }),
    );
    holdings.push(holding);
    return decided(promise);
  };
  /** A node that answers requests and does nothing else. */
  const answer = async (): Promise<Presence> => {
    const config = { NODE_NAME: 'node 9', LEASE_SECONDS: SECONDS };
    const presence = await decided(attend({ config, roles: ['api'], operational, time, failed, waits }));
    presences.push(presence);
    return presence;
  };
  const holderOf = async (name: string): Promise<unknown> =>
    (await world.stores.operational.get(LEASES, name))?.value['holder'];

  it('nobody serves them, and afterwards anybody may at once', async () => {
    const out = await keep();
    expect(await holderOf('relay')).toBe('mover');
    let served = false;
    const serving = serve('node', 'relay').then(() => (served = true));
    await pass(2 * SECONDS);
    await out.assertHeld();
    expect(served).toBe(false);
    await out.release();
    await serving;
    expect(await holderOf('relay')).toBe('node');
  });

  it('who serves one of them is named, and goes on', async () => {
    await serve('node 7', 'projector-1');
    const refused = keep();
    await expect(refused).rejects.toThrow(MigrationRefused);
    await expect(refused).rejects.toThrow('node 7 serves one of the two (it holds the lease projector-1)');
    expect([await holderOf('relay'), await holderOf('projector-1')]).toEqual([null, 'node 7']);
  });

  it('who died is waited for', async () => {
    const value = { holder: 'dead', candidate: 'dead' };
    await world.stores.operational.write([{ kind: 'put', collection: LEASES, key: 'projector', value }]);
    await keep();
    expect(await holderOf('projector')).toBe('mover');
  });

  it('who takes over all the same is noticed', async () => {
    const out = await keep();
    const value = { holder: 'thief', candidate: 'thief' };
    await world.stores.operational.write([{ kind: 'put', collection: LEASES, key: 'relay', value }]);
    await pass(SECONDS / 2);
    await expect(out.assertHeld()).rejects.toThrow('somebody began to serve one of the two');
  });

  it('who only answers requests has no lease, is named all the same, and goes on', async () => {
    const presence = await answer();
    const refused = keep();
    await expect(refused).rejects.toThrow(MigrationRefused);
    await expect(refused).rejects.toThrow('node 9 (roles: api) serves one of the two');
    expect(await holderOf('relay')).toBeUndefined();
    await presence.stop();
    await (await keep()).assertHeld();
  });

  it('who died while he answered requests is waited for', async () => {
    const value = { kind: 'serving', node: 'dead', roles: ['api'], seconds: SECONDS };
    await world.stores.operational.write([{ kind: 'put', collection: PRESENCES, key: 'dead', value }]);
    await (await keep()).assertHeld();
    expect(waited).toEqual(['waiting up to 10 s to see whether dead still lives']);
    expect(await world.stores.operational.get(PRESENCES, 'dead')).toBeUndefined();
  });

  it('who slept while the living were looked for is noticed at the end', async () => {
    const value = { kind: 'serving', node: 'sleeper', roles: ['api'], seconds: SECONDS };
    const renewal = [{ kind: 'put', collection: PRESENCES, key: 'sleeper', value }] as const;
    await world.stores.operational.write(renewal);
    const out = await keep();
    await world.stores.operational.write(renewal);
    await expect(out.assertHeld()).rejects.toThrow('sleeper (roles: api) began to serve one of the two');
  });

  it('who starts is told why he must not, until it is over', async () => {
    const out = await keep();
    await expect(answer()).rejects.toThrow('this registry is being moved by mover');
    await out.assertHeld();
    await out.release();
    await answer();
  });

  it('who starts meanwhile and is killed, or is about to be told, spoils nothing', async () => {
    const out = await keep();
    const value = { kind: 'serving', node: 'killed', roles: ['api'], seconds: SECONDS };
    await world.stores.operational.write([{ kind: 'put', collection: PRESENCES, key: 'killed', value }]);
    const starting = expect(answer()).rejects.toThrow('this registry is being moved by mover');
    await settled();
    expect(await world.stores.operational.list(PRESENCES, { limit: 10 })).toHaveLength(3);
    await decided(out.assertHeld());
    await starting;
  });

  it('who serves without having looked is noticed at the end', async () => {
    const out = await keep();
    const presence = { kind: 'serving', node: 'newcomer', roles: ['api'], seconds: SECONDS } as const;
    presences.push(await tellPresence({ operational, clock: world.clock, time, presence, failed }));
    await expect(decided(out.assertHeld())).rejects.toThrow('newcomer (roles: api) began to serve one of the two');
  });

  it('who starts after a migration that died is let in when that has been silent', async () => {
    const value = { kind: 'migrating', node: 'dead', roles: [], seconds: SECONDS };
    await world.stores.operational.write([{ kind: 'put', collection: PRESENCES, key: 'dead', value }]);
    await answer();
    expect(waited).toEqual(['waiting up to 10 s to see whether dead still lives']);
    expect(await world.stores.operational.list(PRESENCES, { limit: 10 })).toHaveLength(1);
    const before = time.now();
    await answer();
    expect(time.now() - before).toBeLessThan(1000);
    expect(waited).toHaveLength(1);
  });
});
