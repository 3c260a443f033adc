import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { World } from '../../test/support/world.js';
import { position } from '../domain/shared/ids.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import { PROJECTOR_REQUESTS } from '../workers/sweeper.js';
import type { ProjectionAdministration } from './projectionAdministration.js';
import { ProjectorRequests } from './projectorRequests.js';

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.close();
});

it('no word of progress is under way when the answer is written, which it would take back', async () => {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  let [underWay, most] = [0, 0];
  const { operational: store } = world.stores;
  const operational: OperationalStore = {
    get: (...call) => store.get(...call),
    getMany: (...call) => store.getMany(...call),
    list: (...call) => store.list(...call),
    due: (...call) => store.due(...call),
    write: async (writes) => {
      most = Math.max(most, ++underWay);
      await store.write(writes);
      underWay--;
    },
  };
  let rebuilds = 0;
  const administration: ProjectionAdministration = {
    projectionStates: () => Promise.reject(new Error('nobody asks for them')),
    verifyProjections: () => Promise.reject(new Error('nobody asks for it')),
    rebuild: (_, progressed) => {
      rebuilds++;
      for (let done = 1; done <= 3; done++) {
        now += 1_000;
        progressed(done, 3);
      }
      return Promise.resolve({ position: position(7) });
    },
  };
  const { clock, ids } = world;
  const requests = new ProjectorRequests({ operational, clock, ids });
  const ending = new AbortController();
  const failures: unknown[] = [];
  const serving = requests.serve(administration, ending.signal, (error) => failures.push(error));
  const answer = await new ProjectorRequests({ operational: store, clock, ids }).ask(
    { kind: 'rebuild', projection: null },
    () => undefined,
  );
  ending.abort();
  await serving;
  expect(answer).toEqual({ position: position(7), verdicts: [] });
  expect({ most, rebuilds, failures }).toEqual({ most: 1, rebuilds: 1, failures: [] });
  expect(await store.list(PROJECTOR_REQUESTS, { limit: 1 })).toEqual([]);
});
