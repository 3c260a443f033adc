import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TestFeed } from '../../test/support/projected.js';
import { digestNumber, pushed, pushedAndHeld, tagMoved, tagRestored } from '../../test/support/repositoryEvents.js';
import { World } from '../../test/support/world.js';
import { OCI_MANIFEST } from '../domain/manifest/mediaTypes.js';
import type { PullTarget } from '../domain/activity/events.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import { timestamp, type Timestamp } from '../domain/shared/time.js';
import { ActivityQueries, repositoryActivity } from './repositoryActivity.js';

const A = digestNumber(1);
const at = (day: number, hour = 12): Timestamp => timestamp(Date.UTC(2026, 5, day, hour));
const now = at(18);

let world: World;
let feed: TestFeed;
beforeEach(async () => {
  world = await World.open();
  feed = new TestFeed(world, [repositoryActivity]);
});
afterEach(() => world.close());

const queries = async (): Promise<ActivityQueries> =>
  new ActivityQueries((await feed.lane(repositoryActivity)).collection('days'));
const counted = async (repositoryId: string) =>
  (await (await queries()).days(repositoryId, now)).filter(({ count }) => count > 0);

const target = (id: string): PullTarget => ({
  ...{ repositoryId: id as RepositoryId, reference: 'latest', digest: A, mediaType: OCI_MANIFEST },
});
const pulled = (first: Timestamp, targets: readonly string[], pulls: readonly (readonly [number, number])[]) => ({
  type: 'ImagesPulled' as const,
  data: { first, clients: [], targets: targets.map(target), pulls: pulls.flatMap(([to, after]) => [0, to, after]) },
});

describe('what happened in a repository', () => {
  it('is counted by day: pushes by tag and by digest', async () => {
    await feed.happened('repository-app', [pushed(A), tagMoved('latest', A)], at(17));
    await feed.happened('repository-app', [pushedAndHeld(A, null)], at(18, 0));
    await feed.happened('repository-app', [tagMoved('latest', A)], at(18));
    await feed.happened('repository-app', [tagRestored('latest', A)], at(18));
    expect(await counted('app')).toEqual([
      { date: '2026-06-17', count: 1 },
      { date: '2026-06-18', count: 2 },
    ]);
  });

  it('is counted by day: pulls, each on the day on which it happened', async () => {
    const midnight = 1_000;
    const event = pulled(
      timestamp(Date.UTC(2026, 5, 18) - midnight),
      ['app', 'base'],
      [
        [0, 0],
        [1, 10],
        [0, midnight - 1],
        [0, midnight],
      ],
    );
    await feed.happened('activity-namespace', [event, event], at(18));
    expect(await counted('app')).toEqual([
      { date: '2026-06-17', count: 4 },
      { date: '2026-06-18', count: 2 },
    ]);
    expect(await counted('base')).toEqual([{ date: '2026-06-17', count: 2 }]);
  });

  it('makes it popular for seven days', async () => {
    for (const day of [11, 12, 18]) await feed.happened('repository-app', [tagMoved('latest', A)], at(day));
    expect(await (await queries()).popularity('app', now)).toBe(2);
    expect(await (await queries()).popularity('base', now)).toBe(0);
  });

  it('is shown for three months, the days on which nothing happened among them', async () => {
    await feed.happened('repository-app', [tagMoved('latest', A)], at(18));
    await feed.happened('repository-app', [tagMoved('latest', A)], timestamp(Date.UTC(2026, 2, 19)));
    await feed.happened('repository-app', [tagMoved('latest', A)], timestamp(Date.UTC(2026, 2, 18)));
    const days = await (await queries()).days('app', now);
    expect(days).toHaveLength(92);
    expect(new Set(days.map(({ date }) => date)).size).toBe(92);
    expect(days.filter(({ count }) => count > 0).map(({ date }) => date)).toEqual(['2026-03-19', '2026-06-18']);
    expect(await (await queries()).days('base', now)).toHaveLength(91);
  });
});
