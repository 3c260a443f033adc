import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestFeed } from '../../test/support/projected.js';
import { digestNumber, inSeconds, NOW, tagMoved } from '../../test/support/repositoryEvents.js';
import { World } from '../../test/support/world.js';
import type { Collection } from '../ports/documentStore.js';
import { TagListing } from './tagListing.js';
import { tagCollections, TagQueries } from './tagQueries.js';
import { tags, type TagDocument } from './tags.js';

const A = digestNumber(1);
const nameOf = (number: number): string => `t${String(number).padStart(5, '0')}`;

let world: World;
let feed: TestFeed;
beforeEach(async () => {
  world = await World.open();
  feed = new TestFeed(world, [tags]);
});
afterEach(() => world.close());

/** With a count of the tags that were read. */
async function open() {
  const counted = { read: 0 };
  const collections = tagCollections(await feed.lane(tags));
  const through: Collection<TagDocument> = {
    get: (key) => collections.tags.get(key),
    getMany: (keys) => collections.tags.getMany(keys),
    find: async (query) => {
      const page = await collections.tags.find(query);
      counted.read += page.documents.length;
      return page;
    },
    scan: () => collections.tags.scan(),
  };
  const all = { ...collections, tags: through };
  return { listing: new TagListing(all, new TagQueries(all)), counted };
}

const many = (count: number, end: typeof NOW | null = null, from = 0) =>
  Array.from({ length: count }, (_, number) => tagMoved(nameOf(from + number), A, { end }));

describe('the list of tags', () => {
  it('goes on where nobody goes: pages that lie deep are passed to without being read', async () => {
    await feed.happened('repository-r', many(12_003));
    const { listing, counted } = await open();
    for (const onlyAlive of [true, false]) {
      const page = await listing.list('r', { onlyAlive }, { offset: 12_000, limit: 2 }, NOW);
      expect([page.rows.map(({ tag }) => tag), page.hasMore]).toEqual([[nameOf(12_000), nameOf(12_001)], true]);
      const beyond = await listing.list('r', { onlyAlive }, { offset: 1e17, limit: 2 }, NOW);
      expect(beyond).toEqual({ rows: [], hasMore: false });
    }
    expect(counted.read).toBeLessThan(20);
  });

  it('does not wade through tags that have ended and that nobody closed', async () => {
    await feed.happened('repository-r', many(3_000, inSeconds(60)), inSeconds(-10));
    await feed.happened('repository-r', many(3, inSeconds(600), 5_000), inSeconds(-20));
    await feed.happened('repository-r', many(3, null, 6_000), inSeconds(-30));
    const { listing, counted } = await open();
    const later = inSeconds(120);
    const alive = [...[5_000, 5_001, 5_002], ...[6_000, 6_001, 6_002]].map(nameOf);
    const page = await listing.list('r', { onlyAlive: true }, { offset: 0, limit: 50 }, later);
    expect([page.rows.map(({ tag }) => tag), page.hasMore]).toEqual([alive, false]);
    expect((await listing.newestAlive('r', later))?.start).toBe(inSeconds(-20));
    expect((await listing.newestAlive('r', NOW))?.start).toBe(inSeconds(-10));
    expect(await listing.newestAlive('none', NOW)).toBeUndefined();
    expect(counted.read).toBeLessThan(700);
  });

  it('has those that will end among the others, however many they are', async () => {
    for (let number = 0; number < 1_200; number += 2) {
      await feed.happened(
        'repository-r',
        [tagMoved(nameOf(number), A, { end: inSeconds(60) }), tagMoved(nameOf(number + 1), A)],
        inSeconds(-number),
      );
    }
    const { listing } = await open();
    const shown: string[] = [];
    for (let more = true; more;) {
      const window = { offset: shown.length, limit: 100 };
      const page = await listing.list('r', { onlyAlive: true }, window, NOW);
      shown.push(...page.rows.map(({ tag }) => tag));
      more = page.hasMore;
    }
    expect(shown).toEqual(Array.from({ length: 1_200 }, (_, number) => nameOf(number)));
  });
});
