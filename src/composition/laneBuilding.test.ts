import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import { nameAggregate } from '../domain/names/name.js';
import { StoreUnavailable } from '../ports/errors.js';
import { laneSpec } from '../projections/projector.js';
import { buildMissing, type BuildProgress } from './laneBuilding.js';
import { allProjections } from './projections.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

it('when one read model cannot be built, no other one is begun, and those that were are not left running', async () => {
  await world
    .streams()
    .decide(nameAggregate, streamName('name-namespace-a'), context(), () => [
      { type: 'NameClaimed', data: { owner: streamName('namespace-1') } },
    ]);
  const { documents } = world.stores;
  let [begun, underWay] = [0, 0];
  const building = buildMissing(
    world.stores,
    async (projection) => {
      if (++begun === 1) throw new StoreUnavailable('away for a moment');
      underWay++;
      const lane = await documents.build(laneSpec(projection));
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return lane;
    },
    () => undefined,
  );
  await expect(building).rejects.toThrow('away for a moment');
  expect(begun).toBeLessThanOrEqual(Math.min(availableParallelism(), allProjections.length));
  expect(underWay).toBe(0);
  const ended = await documents.lanes();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await documents.lanes()).toEqual(ended);
});

it('tells how far a build is as positions of the log, which are no numbers of events on every engine', async () => {
  await world
    .streams()
    .decide(nameAggregate, streamName('name-namespace-b'), context(), () => [
      { type: 'NameClaimed', data: { owner: streamName('namespace-2') } },
    ]);
  const told: BuildProgress[] = [];
  const building = buildMissing(
    world.stores,
    (_, progressed) => {
      progressed(1_200, 22_557);
      return Promise.reject(new StoreUnavailable('away for a moment'));
    },
    (at) => told.push(at),
  );
  await expect(building).rejects.toThrow('away for a moment');
  expect(told[0]).toEqual({ projection: allProjections.at(-1)?.name, position: 1_200, end: 22_557 });
});
