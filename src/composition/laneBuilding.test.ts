import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import { logPathOf } from '../adapters/sqlite/embedded.js';
import { nameAggregate } from '../domain/names/name.js';
import { StoreUnavailable } from '../ports/errors.js';
import { laneSpec } from '../projections/projector.js';
import { buildByReading, buildMissing, buildOnThread, type BuildLane, type BuildProgress } from './laneBuilding.js';
import { allProjections } from './projections.js';
import { rebuildLane } from './rebuild/rebuildLane.js';

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

it.each<readonly [how: string, build: () => BuildLane]>([
  ['on a thread', () => buildOnThread({ ...world.stores, logPath: logPathOf(world.folder) })],
  ['by reading', () => buildByReading(world.stores, () => undefined)],
])(
  'a build that is not wanted any more ends, and nothing of it is left to the next one: %s',
  async (_how, makeBuild) => {
    await world
      .streams()
      .decide(nameAggregate, streamName(`name-namespace-${randomUUID()}`), context(), () => [
        { type: 'NameClaimed', data: { owner: streamName('namespace-3') } },
      ]);
    const [projection] = allProjections.filter(({ name }) => name === 'namespaces');
    if (!projection) throw new Error('there is no such projection');
    const { documents } = world.stores;
    const build = makeBuild();
    const ending = new AbortController();
    const reason = new Error('the caller has gone away');
    const building = build(projection, () => undefined, ending.signal);
    ending.abort(reason);
    await expect(building).rejects.toBe(reason);
    const lane = await build(projection, () => undefined);
    const builds = (await documents.lanes()).filter(
      ({ active, projection: name }) => !active && name === projection.name,
    );
    expect(builds.map((left) => left.build)).toEqual([lane.build]);
  },
);

it('a thread that builds is ended by the signal, wherever it is', async () => {
  const [projection] = allProjections;
  if (!projection) throw new Error('there is no projection');
  const { documents, events } = world.stores;
  const lane = await documents.build(laneSpec(projection));
  const task = { projection: projection.name, logPath: logPathOf(world.folder), lanePath: lane.path };
  const ending = new AbortController();
  const reason = new Error('the caller has gone away');
  const building = rebuildLane({ ...task, until: await events.end() }, () => undefined, ending.signal);
  ending.abort(reason);
  await expect(building).rejects.toBe(reason);
  await documents.discardBuilds(projection.name);
});
