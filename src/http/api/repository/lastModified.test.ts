import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { TestFeed } from '../../../../test/support/projected.js';
import { digestNumber, inSeconds, NOW, tagDeleted, tagMoved } from '../../../../test/support/repositoryEvents.js';
import { World } from '../../../../test/support/world.js';
import type { RepositoryEvent } from '../../../domain/repository/events.js';
import { position } from '../../../domain/shared/ids.js';
import { TagListing } from '../../../projections/tagListing.js';
import { tagCollections, TagQueries } from '../../../projections/tagQueries.js';
import { tags } from '../../../projections/tags.js';
import { streamName, testEventId } from '../../../../test/support/testLog.js';
import { LastModified } from './lastModified.js';

const A = digestNumber(1);
let world: World;
let feed: TestFeed;
let known: LastModified;
let asked = 0;

beforeEach(async () => {
  world = await World.open();
  feed = new TestFeed(world, [tags]);
  const collections = tagCollections(await feed.lane(tags));
  const listing = new TagListing(collections, new TagQueries(collections));
  asked = 0;
  const newestAlive: TagListing['newestAlive'] = (id, now) => {
    asked++;
    return listing.newestAlive(id, now);
  };
  known = new LastModified({ newestAlive }, true);
});
afterEach(() => world.close());

async function happened(event: RepositoryEvent, at = NOW): Promise<void> {
  await feed.happened('repository-r', [event], at);
  const place = { id: testEventId(1), revision: 0, position: position(1), streamId: 'r', at };
  known.applied([{ ...event, ...place, stream: streamName('repository-r') }]);
}

it('is asked for once, until something happens in the repository', async () => {
  expect(await known.of('r', NOW)).toBeNull();
  expect(await known.of('r', NOW)).toBeNull();
  expect(asked).toBe(1);
  await happened(tagMoved('latest', A));
  expect([await known.of('r', NOW), await known.of('r', NOW)]).toEqual([NOW, NOW]);
  expect(asked).toBe(2);
  await happened(tagDeleted('latest', A));
  expect(await known.of('r', NOW)).toBeNull();
});

it('is not believed past the end of the tag that it is about', async () => {
  await happened(tagMoved('old', A), inSeconds(-60));
  await happened(tagMoved('latest', A, { end: inSeconds(60) }));
  expect(await known.of('r', NOW)).toBe(NOW);
  expect(await known.of('r', inSeconds(61))).toBe(inSeconds(-60));
});
