import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import { nameAggregate } from '../domain/names/name.js';
import type { DocumentStore, Lane } from '../ports/documentStore.js';
import { Follower } from '../projections/follower.js';
import { ReachRecord } from '../projections/reach.js';
import { createLog } from '../telemetry/log.js';
import type { Holding } from '../workers/lease.js';
import { LagGuard } from './lagGuard.js';
import { project } from './projecting.js';
import { allProjections } from './projections.js';

/** As configured by default: a standby looks every half second. */
const LEASE_SECONDS = 10;
const LAG_LIMIT_MILLISECONDS = 2_000;
/** Of the engine that the read models lie in. */
const ROUND_TRIP_MILLISECONDS = 20;

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** The read models, somewhere far away. */
function farAway(documents: DocumentStore): DocumentStore {
  const later = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    await sleep(ROUND_TRIP_MILLISECONDS);
    return call();
  };
  const lane = (opened: Lane): Lane => ({
    checkpoint: () => later(() => opened.checkpoint()),
    collection: (name) => opened.collection(name),
    commit: (writes, checkpoint) => later(() => opened.commit(writes, checkpoint)),
  });
  return {
    active: (spec) => later(async () => lane(await documents.active(spec))),
    hasActive: (spec) => later(() => documents.hasActive(spec)),
    build: (spec) => documents.build(spec),
    activate: (spec, build) => documents.activate(spec, build),
    discardBuilds: (projection) => documents.discardBuilds(projection),
    lanes: () => later(() => documents.lanes()),
  };
}

it('a change of projectors refuses no write', async () => {
  const { events, operational } = world.stores;
  const stores = { events, operational, documents: farAway(world.stores.documents) };
  const failures: unknown[] = [];
  const failed = (_: string, error: unknown): void => void failures.push(error);
  const begin = (holder: string): Holding =>
    project({
      ...{ stores, holder, failed, clock: world.clock, ids: world.ids },
      ...{ leaseSeconds: LEASE_SECONDS, log: createLog({ level: 'silent' }) },
    });
  const record = new ReachRecord(operational, allProjections);
  const follower = new Follower({
    reached: () => record.read(),
    eraChanged: () => Promise.resolve(),
    failed: (error) => {
      failures.push(error);
    },
  });
  follower.start();
  const guard = new LagGuard({ lag: LAG_LIMIT_MILLISECONDS, patience: 4 * LAG_LIMIT_MILLISECONDS }, follower);
  const streams = world.streams({
    admit: () => guard.admit(),
    appended: (position, outcome) => guard.waitFor(position, outcome),
  });
  let written = 0;
  const write = async (): Promise<void> => {
    const claimed = [{ type: 'NameClaimed', data: { owner: streamName('namespace-1') } } as const];
    await streams.decide(nameAggregate, streamName(`name-namespace-${world.ids.next()}`), context(), () => claimed);
    written++;
  };

  const first = begin('first');
  await write();
  const second = begin('second');
  let isOver = false;
  const writing = Promise.all(
    Array.from({ length: 5 }, async () => {
      while (!isOver) await write();
    }),
  );
  await first.stop();
  expect(first.held).toBe(false);
  await write();
  expect(second.held).toBe(true);
  isOver = true;
  await writing;
  expect(written).toBeGreaterThan(2);
  expect(failures).toEqual([]);
  await second.stop();
  await follower.close();
});
