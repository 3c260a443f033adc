import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expiresAfter, image, index, NOW, pushed, tagMoved } from '../../test/support/repositoryEvents.js';
import { TestFeed } from '../../test/support/projected.js';
import { streamName, testEventId } from '../../test/support/testLog.js';
import { World } from '../../test/support/world.js';
import { digestOf, type Digest } from '../domain/shared/digest.js';
import { position } from '../domain/shared/ids.js';
import type { ManifestRecord, RepositoryEvent } from '../domain/repository/events.js';
import { LaneFeed } from './feed.js';
import { manifestCollections, ManifestQueries } from './manifestQueries.js';
import { LABELS, manifests } from './manifests.js';
import type { ProjectedEvent, Projection } from './projection.js';
import { laneSpec } from './projector.js';
import { tagCollections, TagQueries } from './tagQueries.js';
import { tags } from './tags.js';
import { BatchView } from './view.js';

const numbered = (number: number): Digest => digestOf('sha256', number.toString(16).padStart(64, '0'));

describe('indexes of indexes', () => {
  let world: World;
  let happened = 0;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(() => world.close());

  const projected = (repositoryId: string, { type, data }: RepositoryEvent): ProjectedEvent => ({
    ...{ type, data, streamId: repositoryId, stream: streamName(`repository-${repositoryId}`), at: NOW },
    ...{ id: testEventId(++happened), revision: happened, position: position(happened) },
  });
  const lane = (projection: Projection) => world.stores.documents.active(laneSpec(projection));
  /** The queries after these events of a repository. */
  async function after(repositoryId: string, events: readonly RepositoryEvent[]): Promise<ManifestQueries> {
    const batch = events.map((event) => projected(repositoryId, event));
    for (const projection of [tags, manifests]) {
      await (await LaneFeed.open(projection, await lane(projection))).apply(batch);
    }
    const ofTags = new TagQueries(tagCollections(await lane(tags)));
    return new ManifestQueries(manifestCollections(await lane(manifests)), ofTags);
  }

  it('are looked at once each, however many ways lead to them', async () => {
    // Each level names both indexes of the level below: 2 ** 60 ways from the bottom to the top.
    const ladder: RepositoryEvent[] = [pushed(numbered(0)), pushed(numbered(1))];
    for (let level = 1; level <= 60; level++) {
      const below = index([numbered(2 * level - 2), numbered(2 * level - 1)]);
      ladder.push(pushed(numbered(2 * level), below), pushed(numbered(2 * level + 1), below));
    }
    const queries = await after('ladder', ladder);
    expect(await queries.visible('ladder', numbered(0), NOW)).toBeUndefined();
    expect(await queries.namedUntil('ladder', numbered(0), NOW)).toBeUndefined();
  });

  it('may be nested as deeply as somebody cares to push them', async () => {
    const DEPTH = 1_000;
    const chain = Array.from({ length: DEPTH }, (_, level) =>
      pushed(numbered(level), level === 0 ? image() : index([numbered(level - 1)])),
    );
    const queries = await after('chain', [...chain, tagMoved('top', numbered(DEPTH - 1))]);
    expect(await queries.visible('chain', numbered(0), NOW)).toMatchObject({ until: null });
  });
});

it('of a manifest without labels nothing is written where none were, and those of an earlier push go', async () => {
  const world = await World.open();
  try {
    const feed = new TestFeed(world, [manifests]);
    const lane = await feed.lane(manifests);
    const collectionsOf = async (record: ManifestRecord): Promise<string[]> => {
      const { type, data } = pushed(numbered(1), record);
      const place = { id: testEventId(1), revision: 1, position: position(1), streamId: 'app', at: NOW };
      const event: ProjectedEvent = { ...place, type, data, stream: streamName('repository-app') };
      const view = new BatchView();
      await view.load(lane, manifests.handlers[type]?.reads(event) ?? []);
      manifests.handlers[type]?.apply(event, view);
      return view.writes().map(({ collection }) => collection);
    };
    expect(await collectionsOf(image())).not.toContain(LABELS);
    expect(await collectionsOf({ ...image(), labels: expiresAfter('1d') })).toContain(LABELS);
    await feed.happened('repository-app', [pushed(numbered(1))]);
    expect(await collectionsOf(image())).toContain(LABELS);
  } finally {
    await world.close();
  }
});
