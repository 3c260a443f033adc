import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { documentsOf } from '../../test/support/documents.js';
import { NOW } from '../../test/support/repositoryEvents.js';
import { streamName, testEventId } from '../../test/support/testLog.js';
import { World } from '../../test/support/world.js';
import type { EventType } from '../domain/catalogue.js';
import type { Visibility } from '../domain/repository/events.js';
import { position } from '../domain/shared/ids.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Timestamp } from '../domain/shared/time.js';
import { LaneFeed } from './feed.js';
import type { ProjectedEvent } from './projection.js';
import { laneSpec } from './projector.js';
import { search, type SearchedRepository } from './search.js';
import { descriptionPlan, namePlan } from './search/grams.js';
import { SearchQueries, type Audience } from './searchQueries.js';

const EVERYTHING: Audience = { everything: true, namespaces: [], repositories: [], sees: () => Promise.resolve(true) };
const PUBLIC: Audience = {
  ...EVERYTHING,
  everything: false,
  sees: ({ visibility }) => Promise.resolve(visibility === 'public'),
};

/** What the test knows of a repository. */
type Known = { id: string; namespaceId: string; name: string; description: string; visibility: Visibility };

describe('search', () => {
  let world: World;
  let feed: LaneFeed;
  let queries: SearchQueries;
  let happened = 0;

  beforeEach(async () => {
    world = await World.open();
    const lane = await world.stores.documents.active(laneSpec(search));
    feed = await LaneFeed.open(search, lane);
    queries = new SearchQueries(
      lane.collection('names'),
      lane.collection('searched'),
      lane.collection('postings'),
      lane.collection('stars'),
    );
    happened = 0;
  });
  afterEach(() => world.close());

  const event = (stream: string, type: EventType, data: JsonObject, at: Timestamp = NOW): ProjectedEvent => ({
    ...{ type, data, at, stream: streamName(stream), streamId: stream.slice(stream.indexOf('-') + 1) },
    ...{ id: testEventId(++happened), revision: happened, position: position(happened) },
  });
  const created = ({ id, namespaceId, name, description, visibility }: Known): ProjectedEvent =>
    event(`repository-${id}`, 'RepositoryCreated', { namespaceId, name, description, visibility, kind: 'image' });
  const create = (...repositories: Known[]): Promise<void> => feed.apply(repositories.map(created));
  const moved = (id: string): ProjectedEvent =>
    event(`repository-${id}`, 'TagMoved', { tag: 'latest', digest: 'sha256:0', previous: null, end: null });
  const repository = (name: string, changes: Partial<Known> = {}): Known => ({
    ...{ id: name, namespaceId: 'ours', name, description: '', visibility: 'public' },
    ...changes,
  });
  const found = async (text: string, audience: Audience = EVERYTHING, limit = 100): Promise<string[]> =>
    (await queries.repositories({ text, audience, limit })).map(({ name }) => name);

  it('finds repositories by name and description, the name first', async () => {
    await create(
      repository('web', { description: 'The proxy of all' }),
      repository('reverse-proxy'),
      repository('database', { description: 'not for you' }),
    );
    expect(await found('proxy')).toEqual(['reverse-proxy', 'web']);
  });

  it('finds a repository by its new description, and no longer by the one before', async () => {
    await create(repository('web', { description: 'The proxy of all' }));
    await feed.apply([event('repository-web', 'DescriptionSet', { description: 'A gateway' })]);
    expect(await found('gateway')).toEqual(['web']);
    expect(await found('proxy')).toEqual([]);
  });

  it('shows a busy repository before a quiet one, but a description only before a name that is very quiet', async () => {
    await create(repository('proxy'), repository('proxy-two'), repository('web', { description: 'a proxy' }));
    await feed.apply(Array.from({ length: 20 }, () => moved('proxy-two')));
    await feed.apply(Array.from({ length: 20 }, () => moved('web')));
    expect(await found('proxy')).toEqual(['proxy-two', 'proxy', 'web']);
    await feed.apply(Array.from({ length: 2_000 }, () => moved('web')));
    expect(await found('proxy')).toEqual(['proxy-two', 'web', 'proxy']);
  });

  it('counts pulls', async () => {
    await create(repository('one'), repository('two'));
    const target = { repositoryId: 'two', reference: 'latest', digest: 'sha256:0', mediaType: 'm' };
    const pulls = {
      first: NOW,
      clients: [],
      targets: [target],
      pulls: Array.from({ length: 50 }, () => [0, 0, 7]).flat(),
    };
    await feed.apply([event('activity-ours', 'ImagesPulled', pulls)]);
    expect(await found('')).toEqual(['two', 'one']);
  });

  it('forgets a deleted repository and hides one that became private', async () => {
    await create(repository('one'), repository('two'), repository('three'));
    await feed.apply([event('repository-one', 'RepositoryDeleted', {})]);
    await feed.apply([event('repository-two', 'VisibilityChanged', { visibility: 'private' })]);
    expect(await found('', PUBLIC)).toEqual(['three']);
    await feed.apply([
      event('repository-two', 'RepositoryDeleted', {}),
      event('repository-three', 'RepositoryDeleted', {}),
    ]);
    expect(await documentsOf(search, feed.lane)).toEqual({});
  });

  it('finds private repositories where somebody may see them', async () => {
    await create(
      repository('app-a', { visibility: 'private', namespaceId: 'mine' }),
      repository('app-b', { visibility: 'private', namespaceId: 'theirs' }),
      repository('app-c', { visibility: 'private', namespaceId: 'theirs' }),
      repository('app-d'),
    );
    const sees = ({ id }: SearchedRepository): Promise<boolean> => Promise.resolve(id !== 'app-c');
    const member = { everything: false, namespaces: ['mine'], repositories: ['app-b', 'app-c', 'gone'], sees };
    expect(await found('app', member)).toEqual(['app-a', 'app-b', 'app-d']);
    const limited = { text: 'app', audience: member, limit: 10, namespaceId: 'theirs' };
    expect((await queries.repositories(limited)).map(({ name }) => name)).toEqual(['app-b']);
  });

  it('goes through all private repositories for somebody who sees very many namespaces', async () => {
    await create(repository('app', { visibility: 'private', namespaceId: 'n7' }));
    const namespaces = Array.from({ length: 40 }, (_, number) => `n${number}`);
    const sees = ({ namespaceId }: SearchedRepository) => Promise.resolve(namespaces.includes(namespaceId));
    expect(await found('app', { everything: false, namespaces, repositories: [], sees })).toEqual(['app']);
  });

  it('finds users and organizations by the beginning of their name', async () => {
    const names = [
      ['ana', 'user'],
      ['anna', 'user'],
      ['ann', 'organization'],
      ['anton', 'user'],
      ['bob', 'user'],
    ] as const;
    await feed.apply(
      names.map(([name, kind]) =>
        event(`namespace-${name}`, 'NamespaceCreated', { name, kind, owner: null, timeMachineSeconds: 0 }),
      ),
    );
    await feed.apply([event('namespace-anton', 'NamespaceDeleted', {})]);
    await feed.apply([
      event('namespace-bob', 'NamespaceRenamed', { name: 'andrew' }),
      event('namespace-ana', 'NamespaceConverted', {}),
    ]);
    expect((await queries.namesBeginning('user', 'an', 10)).map(({ name }) => name)).toEqual(['andrew', 'anna']);
    expect((await queries.namesBeginning('organization', 'an', 10)).map(({ name }) => name)).toEqual(['ana', 'ann']);
    expect(await queries.namesBeginning('user', 'an', 1)).toHaveLength(1);
    expect(await queries.namesBeginning('user', '', 10)).toEqual([]);
  });

  it('knows who starred a repository', async () => {
    const stars = (account: string, type: EventType) => event(`account-${account}`, type, { repositoryId: 'one' });
    await feed.apply([stars('ana', 'RepositoryStarred'), stars('bob', 'RepositoryStarred')]);
    await feed.apply([stars('ana', 'RepositoryUnstarred')]);
    expect(await queries.starring('one')).toEqual(['bob']);
  });

  it('finds what looking at every repository would find, in the same order', async () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 4 });
    const words = fc.array(word, { minLength: 1, maxLength: 3 });
    const known = fc.record({
      name: words.map((all) => all.join('-')),
      description: words.map((all) => all.join(' ')),
      visibility: fc.constantFrom<Visibility>('public', 'private'),
      namespaceId: fc.constantFrom('ours', 'theirs', 'mine'),
    });
    const [all] = fc.sample(fc.array(known, { minLength: 400, maxLength: 400 }), { seed: 7, numRuns: 1 });
    const repositories = (all ?? []).map((each, number): Known => ({
      ...each,
      id: `r${String(number).padStart(3, '0')}`,
    }));
    await create(...repositories);
    const sees = ({ visibility, namespaceId }: Pick<Known, 'visibility' | 'namespaceId'>): boolean =>
      visibility === 'public' || namespaceId === 'mine';
    const audience = {
      ...{ everything: false, namespaces: ['mine'], repositories: [] },
      sees: (each: SearchedRepository) => Promise.resolve(sees(each)),
    };
    const byName = (one: Known, other: Known): number =>
      one.name === other.name ? (one.id < other.id ? -1 : 1) : one.name < other.name ? -1 : 1;
    for (const text of ['', 'a', 'ab', 'abc', 'abca', 'b-c', 'abc bca', 'ab abc', 'zzz', 'cc']) {
      const visible = repositories.filter(sees).sort(byName);
      const inName = visible.filter((each) => namePlan(text).matches(each));
      const inText = visible.filter((each) => !inName.includes(each) && descriptionPlan(text)?.matches(each));
      const expected = [...inName, ...inText].map(({ id }) => id);
      const shown = await queries.repositories({ text, audience, limit: 1_000 });
      expect({ text, ids: shown.map(({ id }) => id) }).toEqual({ text, ids: expected });
      const beginning = await queries.repositories({ text, audience, limit: 11 });
      expect(beginning.map(({ id }) => id)).toEqual(expected.slice(0, 11));
    }
  });
});
