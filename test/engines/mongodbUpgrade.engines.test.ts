import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import '../support/patience.js';
import { MongoOperationalStore } from '../../src/adapters/operational/mongodb.js';
import type { NameEvents } from '../../src/domain/names/events.js';
import { nameAggregate } from '../../src/domain/names/name.js';
import type { Position } from '../../src/domain/shared/ids.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import type { DocumentStore } from '../../src/ports/documentStore.js';
import { Announcer } from '../../src/projections/announcer.js';
import { Follower } from '../../src/projections/follower.js';
import { on, type Projection } from '../../src/projections/projection.js';
import { laneSpec, Projector } from '../../src/projections/projector.js';
import { fingerprintOf, ReachRecord } from '../../src/projections/reach.js';
import { Lease, type Holding } from '../../src/workers/lease.js';
import { documentsOf } from '../support/documents.js';
import { streamName } from '../support/testLog.js';
import { context, World } from '../support/world.js';
import { mongoLanes } from './mongoLanes.js';

const lanes = await mongoLanes();

/** Longer than a process reads from a build that was replaced (`MongoDocumentStore`). */
const ROUTES_MILLISECONDS = 1_100;

/** How often each event had its effect, told in the way of a version. */
const counting = (name: string, version: number): Projection => ({
  name,
  version,
  collections: [{ name: 'counted', indexes: {} }],
  handlers: on<NameEvents>()('NameClaimed', {
    reads: (_, { position }) => [{ collection: 'counted', key: position }],
    apply: (_, { position }, view) => {
      const times = view.get<{ readonly times: number }>('counted', position)?.times ?? 0;
      view.put('counted', position, { times: times + 1, version });
    },
  }),
});

if (lanes) {
  const { client, database, open } = lanes;
  const operational = new MongoOperationalStore(client.db(database));
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const changed = `changed-${randomUUID()}`;
  const same = counting(`same-${randomUUID()}`, 1);
  /** What two programs know, one of them an upgrade of the other. */
  const [old, upgraded] = [1, 2].map((version) => [counting(changed, version), same] as const);

  const happen = async (): Promise<Position> => {
    const claimed = [{ type: 'NameClaimed', data: { owner: streamName('namespace-1') } } as const];
    const stream = streamName(`name-namespace-${world.ids.next()}`);
    const { position } = await world.streams().decide(nameAggregate, stream, context(), () => claimed);
    if (position === null) throw new Error('nothing happened');
    return position;
  };

  /** A process that feeds the read models of its program. */
  const feeding = (projections: readonly Projection[], failures: unknown[]): Holding => {
    const failed = (error: unknown): void => void failures.push(error);
    const name = `projector-${fingerprintOf(projections)}`;
    return new Lease({ operational, name, holder: name, seconds: 4, failed }).hold(async (term) => {
      const documents = await open();
      const announcer = new Announcer({
        ...{ record: new ReachRecord(operational, projections), documents, projections, term },
        routesKnown: () => sleep(ROUTES_MILLISECONDS),
      });
      const projector = await Projector.open({
        ...{ events: world.stores.events, documents, projections, failed },
        passed: (position) => announcer.passed(position),
        opened: () => announcer.opened(),
      });
      projector.start();
      if (!term.signal.aborted) await once(term.signal, 'abort');
      await projector.close();
    });
  };

  /** A process that reads them. */
  const following = async (projections: readonly Projection[], failures: unknown[]) => {
    const documents = await open();
    const record = new ReachRecord(operational, projections);
    const follower = new Follower({
      reached: () => record.read(),
      eraChanged: async () => {
        await documents.lanes();
      },
      failed: (error) => void failures.push(error),
    });
    follower.start();
    return { follower, shown: () => shown(projections, documents) };
  };
  const shown = (projections: readonly Projection[], documents: DocumentStore): Promise<Record<string, JsonObject>[]> =>
    Promise.all(projections.map(async (each) => documentsOf(each, await documents.active(laneSpec(each)))));

  const expected = async (projections: readonly Projection[]): Promise<Record<string, JsonObject>[]> => {
    const claims = (await world.log()).filter(({ type }) => type === 'NameClaimed');
    return projections.map(({ version }) =>
      Object.fromEntries(claims.map(({ position }) => [`counted/${position}`, { times: 1, version }])),
    );
  };

  describe('read models on MongoDB, while another version of the program begins', () => {
    it('are fed in both versions, and who reads either finds every event once', async () => {
      if (!old || !upgraded) throw new Error('there are two versions');
      const failures: unknown[] = [];
      const before = await following(old, failures);
      const feedingOld = feeding(old, failures);
      for (let count = 0; count < 20; count++) await before.follower.waitFor(await happen());
      expect(await before.shown()).toEqual(await expected(old));

      const after = await following(upgraded, failures);
      const feedingUpgraded = feeding(upgraded, failures);
      for (let count = 0; count < 30; count++) {
        const position = await happen();
        await Promise.all([before.follower.waitFor(position), after.follower.waitFor(position)]);
      }
      expect([feedingOld.held, feedingUpgraded.held]).toEqual([true, true]);
      expect(await before.shown()).toEqual(await expected(old));
      expect(await after.shown()).toEqual(await expected(upgraded));

      // The old program goes; what both had fed goes on.
      await feedingOld.stop();
      const last = await happen();
      await after.follower.waitFor(last);
      expect(await after.shown()).toEqual(await expected(upgraded));
      expect(before.follower.position < last).toBe(true);
      await feedingUpgraded.stop();
      await Promise.all([before.follower.close(), after.follower.close()]);
      expect(failures).toEqual([]);
    });
  });
} else {
  it.skip('an upgrade on MongoDB: there is no server', () => undefined);
}
