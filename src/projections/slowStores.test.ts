import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsOf } from '../../test/support/documents.js';
import { streamName } from '../../test/support/testLog.js';
import { context, World } from '../../test/support/world.js';
import type { NameEvents } from '../domain/names/events.js';
import { nameAggregate } from '../domain/names/name.js';
import type { Position } from '../domain/shared/ids.js';
import type { DocumentStore, Lane } from '../ports/documentStore.js';
import { StoreUnavailable } from '../ports/errors.js';
import { catchUp, LaneFeed } from './feed.js';
import { on, type Projection } from './projection.js';
import { laneSpec, Projector } from './projector.js';

type Noted = { readonly times: number };

/** Notes how often each event had its effect, one document for each. */
const journal = (name: string): Projection => ({
  name,
  version: 1,
  collections: [{ name: 'noted', indexes: {} }],
  handlers: on<NameEvents>()('NameClaimed', {
    reads: (_, { position }) => [{ collection: 'noted', key: position }],
    apply: (_, { position }, view) => {
      view.put('noted', position, { times: (view.get<Noted>('noted', position)?.times ?? 0) + 1 });
    },
  }),
});

const EVENTS = 64;

describe('read models on a store that is too slow for large commits', () => {
  let world: World;
  let projection: Projection;
  let commits: number[];
  let last: Position;
  let projector: Projector | undefined;
  let tests = 0;

  beforeAll(async () => {
    world = await World.open();
    const owner = streamName('namespace-1');
    for (let count = 0; count < EVENTS; count++) {
      const stream = streamName(`name-namespace-${world.ids.next()}`);
      const claimed = [{ type: 'NameClaimed', data: { owner } } as const];
      await world.streams().decide(nameAggregate, stream, context(), () => claimed);
    }
    last = await world.stores.events.end();
  });
  afterAll(() => world.close());
  beforeEach(() => {
    projection = journal(`slow-${++tests}`);
    commits = [];
  });
  afterEach(async () => {
    await projector?.close();
    projector = undefined;
  });

  /** A lane whose commits of more documents fail: nothing is written, or all of it and nobody hears of it. */
  const slow = (lane: Lane, most: number, written: 'written' | 'not written'): Lane => ({
    checkpoint: () => lane.checkpoint(),
    collection: (name) => lane.collection(name),
    commit: async (writes, checkpoint) => {
      commits.push(writes.length);
      if (writes.length <= most) return lane.commit(writes, checkpoint);
      if (written === 'written') await lane.commit(writes, checkpoint);
      throw new StoreUnavailable('no answer in time');
    },
  });
  const noted = async (lane: Lane) => Object.values(await documentsOf(projection, lane));
  const everythingOnce = Array<Noted>(EVENTS).fill({ times: 1 });

  it('are fed in smaller commits, each event once', async () => {
    const { events, documents } = world.stores;
    const lane = await documents.active(laneSpec(projection));
    const failures: unknown[] = [];
    const slowly: DocumentStore = {
      active: () => Promise.resolve(slow(lane, 10, 'not written')),
      hasActive: (spec) => documents.hasActive(spec),
      build: (spec) => documents.build(spec),
      activate: (spec, build) => documents.activate(spec, build),
      discardBuilds: (name) => documents.discardBuilds(name),
      lanes: () => documents.lanes(),
    };
    const failed = (error: unknown): void => void failures.push(error);
    projector = await Projector.open({ events, documents: slowly, projections: [projection], failed });
    projector.start();
    await projector.waitFor(last);
    expect(await noted(lane)).toEqual(everythingOnce);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.every((error) => error instanceof StoreUnavailable)).toBe(true);
  });

  it.each(['written', 'not written'] as const)(
    'are built in smaller commits, each event once, where what failed was %s',
    async (written) => {
      const { events, documents } = world.stores;
      const lane = await documents.build(laneSpec(projection));
      const told: Position[] = [];
      const feed = await LaneFeed.open(projection, slow(lane, 10, written));
      await catchUp(events, feed, last, (position) => told.push(position));
      expect(commits.some((count) => count > 10)).toBe(true);
      expect(told.at(-1)).toBe(last);
      expect(await noted(lane)).toEqual(everythingOnce);
    },
  );

  it('are not built for ever where not even one event can be committed', async () => {
    const { events, documents } = world.stores;
    const lane = await documents.build(laneSpec(projection));
    const feed = await LaneFeed.open(projection, slow(lane, 0, 'not written'));
    await expect(catchUp(events, feed, last)).rejects.toThrow(StoreUnavailable);
    expect(commits).toEqual([64, 32, 16, 8, 4, 2, 1]);
  });
});
