import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import type { NameEvents } from '../domain/names/events.js';
import { nameAggregate } from '../domain/names/name.js';
import type { Position } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';
import { on, type Projection } from './projection.js';
import { laneSpec, Projector } from './projector.js';

const order: string[] = [];
const projection: Projection = {
  name: 'replaced',
  version: 1,
  collections: [{ name: 'noted', indexes: {} }],
  handlers: on<NameEvents>()('NameClaimed', {
    reads: () => [],
    apply: (_, { position }, view) => {
      order.push(`fed ${position}`);
      view.put('noted', position, {});
    },
  }),
};

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const happen = async (): Promise<Position> => {
  const claimed = [{ type: 'NameClaimed', data: { owner: streamName('namespace-1') } } as const];
  const stream = streamName(`name-namespace-${world.ids.next()}`);
  const { position } = await world.streams().decide(nameAggregate, stream, context(), () => claimed);
  if (position === null) throw new Error('nothing happened');
  return position;
};

it('a lane that was put in the place of another is fed when others know of it, also where telling them failed', async () => {
  const { events, documents } = world.stores;
  let away = false;
  const projector = await Projector.open({
    ...{ events, documents, projections: [projection] },
    opened: () => {
      order.push(away ? 'not told' : 'told');
      if (!away) return Promise.resolve();
      away = false;
      return Promise.reject(new StoreUnavailable('away'));
    },
    failed: (error) => {
      throw error;
    },
  });
  const first = await happen();
  projector.start();
  await projector.waitFor(first);
  const build = await documents.build(laneSpec(projection));
  away = true;
  const replacing = projector.replace(projection, build, async () => {
    await documents.activate(laneSpec(projection), build.build);
    return documents.active(laneSpec(projection));
  });
  await expect(replacing).rejects.toThrow(StoreUnavailable);
  const second = await happen();
  await projector.waitFor(second);
  expect(order).toEqual(['told', `fed ${first}`, `fed ${first}`, 'not told', 'told', `fed ${second}`]);
  await projector.close();
});
