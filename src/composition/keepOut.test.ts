import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { MigrationRefused } from '../commands/migration/refusals.js';
import { Lease, LEASES, type Holding } from '../workers/lease.js';
import { keepOut, type KeptOut } from './keepOut.js';

const SECONDS = 1;

describe('while two installations are moved', () => {
  let world: World;
  let holdings: Holding[];
  let kept: KeptOut[];
  beforeEach(async () => {
    world = await World.open();
    [holdings, kept] = [[], []];
  });
  afterEach(async () => {
    await Promise.all([...holdings.map((holding) => holding.stop()), ...kept.map((each) => each.release())]);
    await world.close();
  });

  const keep = async (): Promise<KeptOut> => {
    const { operational } = world.stores;
    const out = await keepOut({ operational, names: ['relay'], holder: 'mover', seconds: SECONDS });
    kept.push(out);
    return out;
  };

  /** Resolves when the node has the lease. */
  const serve = (holder: string, name: string): Promise<undefined> => {
    const { operational } = world.stores;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const lease = new Lease({ operational, name, holder, seconds: SECONDS, failed: reject });
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
    return promise;
  };
  const holderOf = async (name: string): Promise<unknown> =>
    (await world.stores.operational.get(LEASES, name))?.value['holder'];

  it('nobody serves them, and afterwards anybody may at once', async () => {
    const out = await keep();
    expect(await holderOf('relay')).toBe('mover');
    let served = false;
    const serving = serve('node', 'relay').then(() => (served = true));
    out.assertHeld();
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
    await expect(
      (async () => {
        for (;;) {
          out.assertHeld();
          await new Promise((resolve) => setImmediate(resolve));
        }
      })(),
    ).rejects.toThrow('somebody began to serve one of the two');
  });
});
