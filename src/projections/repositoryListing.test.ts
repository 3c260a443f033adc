import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TestFeed } from '../../test/support/projected.js';
import { World } from '../../test/support/world.js';
import type { RepositoryEvent, Visibility } from '../domain/repository/events.js';
import type { NamespaceId } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Collection } from '../ports/documentStore.js';
import { repositories, type PermissionDocument, type RepositoryDocument } from './repositories.js';
import { RepositoryListing, type VisibleRange } from './repositoryListing.js';

const created = (namespaceId: string, visibility: Visibility, ...grantees: readonly string[]): RepositoryEvent[] => [
  {
    type: 'RepositoryCreated',
    data: { namespaceId: namespaceId as NamespaceId, name: 'app', visibility, kind: 'image', description: '' },
  },
  ...grantees.map((id): RepositoryEvent => ({
    type: 'PermissionGranted',
    data: { grantee: { kind: 'team', id }, role: 'read' },
  })),
];
const deleted: RepositoryEvent = { type: 'RepositoryDeleted', data: {} };

let world: World;
let feed: TestFeed;
beforeEach(async () => {
  world = await World.open();
  feed = new TestFeed(world, [repositories]);
});
afterEach(() => world.close());

/** A collection that counts what is read of it. */
function counting<Document extends JsonObject>(collection: Collection<Document>) {
  const counted = { read: 0 };
  const through: Collection<Document> = {
    get: (key) => collection.get(key),
    getMany: async (keys) => {
      counted.read += keys.length;
      return collection.getMany(keys);
    },
    find: async (query) => {
      const page = await collection.find(query);
      counted.read += page.documents.length;
      return page;
    },
    scan: () => collection.scan(),
  };
  return { counted, through };
}

async function open() {
  const lane = await feed.lane(repositories);
  const documents = counting(lane.collection<RepositoryDocument>('repositories'));
  const permissions = counting(lane.collection<PermissionDocument>('permissions'));
  const listing = new RepositoryListing(documents.through, permissions.through);
  return { listing, read: () => documents.counted.read + permissions.counted.read };
}

type Made = { readonly namespaceId: string; readonly visibility: Visibility; readonly teams: readonly string[] };

const range: fc.Arbitrary<VisibleRange> = fc.oneof(
  fc.constant<VisibleRange>({ kind: 'everything' }),
  fc.constantFrom('a', 'b').map((namespaceId): VisibleRange => ({ kind: 'namespace', namespaceId })),
  fc.constantFrom('1', '2', '3').map((id): VisibleRange => ({ kind: 'grantee', grantee: `team:${id}` })),
  fc.constantFrom('1', '2').map((id): VisibleRange => ({
    kind: 'grantee',
    grantee: `team:${id}`,
    namespaceId: 'a',
  })),
  fc.constant<VisibleRange>({ kind: 'visibility', visibility: 'public' }),
  fc.constant<VisibleRange>({ kind: 'visibility', visibility: 'public', namespaceId: 'b' }),
);

const isIn = (asked: VisibleRange, { namespaceId, visibility, teams }: Made): boolean => {
  if (asked.kind === 'everything') return true;
  if (asked.namespaceId !== undefined && asked.namespaceId !== namespaceId) return false;
  if (asked.kind === 'namespace') return true;
  return asked.kind === 'visibility' ? asked.visibility === visibility : teams.includes(asked.grantee.slice(5));
};

describe('what somebody may see', () => {
  it('is listed page by page in the order of creation, each once', async () => {
    const made = Array.from({ length: 60 }, (_, number): Made => ({
      namespaceId: number % 3 === 0 ? 'a' : 'b',
      visibility: number % 5 === 0 ? 'public' : 'private',
      teams: ['1', '2', '3'].filter((team) => (number * 7) % Number(team) === 0 && number % 4 > 1),
    }));
    const idOf = (number: number): string => `r${String(number).padStart(3, '0')}`;
    for (const [number, { namespaceId, visibility, teams }] of made.entries()) {
      const events = created(namespaceId, visibility, ...teams);
      await feed.happened(`repository-${idOf(number)}`, number % 11 === 7 ? [...events, deleted] : events);
    }
    const { listing } = await open();
    const property = fc.asyncProperty(
      fc.array(range, { maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      async (ranges, limit) => {
        const there = made.map((each, number) => ({ ...each, number })).filter(({ number }) => number % 11 !== 7);
        const expected = there.filter((each) => ranges.some((asked) => isIn(asked, each)));
        const shown: string[] = [];
        for (let more = true; more;) {
          const page = await listing.page(ranges, shown.at(-1) ?? '', limit);
          expect(page.repositories.length).toBe(page.hasMore ? limit : page.repositories.length);
          shown.push(...page.repositories.map(({ id }) => id));
          more = page.hasMore;
        }
        expect(shown).toEqual(expected.map(({ number }) => idOf(number)));
      },
    );
    await fc.assert(property, { seed: 20_260_618, numRuns: 100 });
  });

  it('is found without reading what he may not see, or what was deleted', async () => {
    for (let number = 0; number < 300; number++) {
      const stream = `repository-r${String(number).padStart(3, '0')}`;
      if (number % 100 === 50) await feed.happened(stream, created('b', 'private', '1'));
      else if (number % 2 === 0) await feed.happened(stream, created('b', 'private', '2'));
      else await feed.happened(stream, [...created('b', 'private', '1'), deleted]);
    }
    const { listing, read } = await open();
    const page = await listing.page(
      [
        { kind: 'grantee', grantee: 'team:1', namespaceId: 'b' },
        { kind: 'visibility', visibility: 'public', namespaceId: 'b' },
      ],
      '',
      100,
    );
    expect(page.repositories.map(({ id }) => id)).toEqual(['r050', 'r150', 'r250']);
    expect(read()).toBe(6);
  });
});
