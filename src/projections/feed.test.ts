import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { image, NOW, pushed, tagMoved } from '../../test/support/repositoryEvents.js';
import { streamName, testEventId } from '../../test/support/testLog.js';
import { World } from '../../test/support/world.js';
import { digestOf } from '../domain/shared/digest.js';
import { position, type Position } from '../domain/shared/ids.js';
import type { RepositoryEvent } from '../domain/repository/events.js';
import type { Lane } from '../ports/documentStore.js';
import { LaneFeed } from './feed.js';
import type { ProjectedEvent } from './projection.js';
import { laneSpec } from './projector.js';
import { repositoryActivity } from './repositoryActivity.js';

const DIGEST = digestOf('sha256', '1'.repeat(64));

const happened = (number: number, { type, data }: RepositoryEvent): ProjectedEvent => ({
  ...{ type, data, streamId: 'app', stream: streamName('repository-app'), at: NOW },
  ...{ id: testEventId(number), revision: number, position: position(number) },
});

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

it('asks nothing of a lane for events that change none of its documents, until its checkpoint is wanted', async () => {
  const lane = await world.stores.documents.active(laneSpec(repositoryActivity));
  const asked: string[] = [];
  const counted: Lane = {
    checkpoint: () => lane.checkpoint(),
    collection: (name) => {
      asked.push(`read ${name}`);
      return lane.collection(name);
    },
    commit: (writes, checkpoint) => {
      asked.push(`commit ${writes.length}`);
      return lane.commit(writes, checkpoint);
    },
  };
  const fedTo = async (feed: LaneFeed): Promise<readonly [Position, Position]> => [
    feed.position,
    await lane.checkpoint(),
  ];
  const feed = await LaneFeed.open(repositoryActivity, counted);
  const before = feed.position;
  // A push by tag is told by its tag.
  await feed.apply([happened(1, pushed(DIGEST, image()))]);
  expect(asked).toEqual([]);
  expect(await fedTo(feed)).toEqual([position(1), before]);
  await feed.apply([happened(2, tagMoved('latest', DIGEST))]);
  expect(asked.splice(0)).toEqual(['read days', 'commit 1']);
  await feed.apply([happened(3, pushed(DIGEST, image()))]);
  await feed.flush();
  expect(asked).toEqual(['commit 0']);
  expect(await fedTo(feed)).toEqual([position(3), position(3)]);
});
