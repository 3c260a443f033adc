import Type, { type Static } from 'typebox';
import type { SearchedRepository } from '../../../projections/search.js';
import type { Api } from '../api.js';
import type { Subject } from '../../../domain/access.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { flagParameter, integerParameter, textParameter } from '../framework/query.js';
import { anyone } from '../framework/rules.js';
import { epochSeconds } from '../shared/dates.js';
import { Searcher } from './audience.js';
import { namespaceView, repositoryView, robotView, teamView, EntityView, RepositoryView, TeamView } from './views.js';

/** Of each kind, in the short list. */
const GROUP = 5;
/** Names that are looked at to find so many that own something visible. */
const NAMES = 20;

const ResultView = Type.Union([RepositoryView, TeamView, EntityView]);
type Result = Static<typeof ResultView>;

const FoundRepositoryView = Type.Interface([RepositoryView], {
  last_modified: Type.Optional(Type.Integer()),
  stars: Type.Optional(Type.Integer()),
  popularity: Type.Optional(Type.Number()),
});

type FindApi = Pick<Api, 'clock' | 'directory' | 'portraits' | 'queries' | 'settings'>;

/** Finding by name what somebody may see (contract: superuser §11). */
export const findEndpoints = (api: FindApi): readonly Endpoint[] => [
  endpoint({
    operation: 'conductSearch',
    method: 'GET',
    path: '/api/v1/find/all',
    module: 'search',
    summary: 'Get a list of entities and resources that match the specified query.',
    access: anyone,
    scope: 'repo:read',
    query: { query: textParameter('The search query.') },
    answers: { 200: Type.Object({ results: Type.Array(ResultView) }) },
    handle: async ({ query, subject }) => {
      const text = (query.query ?? '').trim().toLowerCase();
      return answer(200, { results: text === '' ? [] : await findAll(api, subject, text) });
    },
  }),
  endpoint({
    operation: 'conductRepoSearch',
    method: 'GET',
    path: '/api/v1/find/repositories',
    module: 'search',
    summary: 'Get a list of apps and repositories that match the specified query.',
    access: anyone,
    scope: 'repo:read',
    query: {
      query: textParameter('The search query.'),
      page: integerParameter('The page.', 1),
      includeUsage: flagParameter('Whether to include usage metadata'),
    },
    answers: {
      200: Type.Object({
        results: Type.Array(FoundRepositoryView),
        has_additional: Type.Boolean(),
        page: Type.Integer(),
        page_size: Type.Integer(),
        start_index: Type.Integer(),
      }),
    },
    handle: async ({ query, subject }) => {
      const { pageSize, pages } = api.settings.search;
      const page = Math.min(Math.max(query.page, 1), pages);
      const start = (page - 1) * pageSize;
      const searcher = await Searcher.of(api, subject);
      const found = await findRepositories(api, searcher, (query.query ?? '').trim(), start + pageSize + 1);
      const shown = found.slice(start, start + pageSize);
      const views = await Promise.all(
        shown.map(async (each) => {
          const namespace = await searcher.namespace(each.namespaceId);
          if (!namespace) return [];
          const view = await repositoryView(api, each, namespace, { query: null, standing: 0 });
          return [{ ...view, ...(query.includeUsage ? await usageOf(api, each.id) : {}) }];
        }),
      );
      return answer(200, {
        results: views.flat(),
        has_additional: found.length > start + pageSize && page < pages,
        ...{ page, page_size: pageSize, start_index: start },
      });
    },
  }),
];

/** How much a repository is used; it has no last modification while it has no tag. */
async function usageOf({ queries, clock }: FindApi, repositoryId: string) {
  const now = clock.now();
  const modified = (await queries.tagListing.newestAlive(repositoryId, now))?.start;
  const starring = await queries.accounts.byIds(await queries.search.starring(repositoryId));
  return {
    ...(modified === undefined ? {} : { last_modified: epochSeconds(modified) }),
    stars: starring.filter((account) => account !== undefined).length,
    popularity: await queries.repositoryActivity.popularity(repositoryId, now),
  };
}

/** `<namespace>/<text>` is looked for in that namespace, if it is one. */
async function findRepositories(
  { queries }: FindApi,
  { audience }: Searcher,
  text: string,
  limit: number,
): Promise<readonly SearchedRepository[]> {
  const slash = text.indexOf('/');
  const namespace = slash < 0 ? undefined : await queries.namespaces.byName(text.slice(0, slash).toLowerCase());
  if (!namespace) return queries.search.repositories({ text, audience, limit });
  const rest = text.slice(slash + 1);
  return queries.search.repositories({ text: rest, audience, limit, namespaceId: namespace.id });
}

async function findAll(api: FindApi, subject: Subject, text: string): Promise<Result[]> {
  const searcher = await Searcher.of(api, subject);
  const groups: readonly (readonly Result[])[] = [
    await repositoriesFound(api, searcher, text),
    await teamsFound(api, searcher, text),
    await robotsFound(api, searcher, text),
    await namespacesFound(api, searcher, text),
  ];
  return groups.flat().sort((one, other) => other.score - one.score);
}

async function repositoriesFound(api: FindApi, searcher: Searcher, query: string): Promise<Result[]> {
  const found = await findRepositories(api, searcher, query, GROUP);
  const views = found.map(async (repository, index) => {
    const namespace = await searcher.namespace(repository.namespaceId);
    const standing = 1 - index / GROUP;
    return namespace ? [await repositoryView(api, repository, namespace, { query, standing })] : [];
  });
  return (await Promise.all(views)).flat();
}

/** His own teams, and all of the organizations that he administers. */
async function teamsFound(api: FindApi, searcher: Searcher, query: string): Promise<Result[]> {
  const { organizations } = api.queries;
  const found = new Map<string, { readonly id: string; readonly name: string; readonly namespaceId: string }>();
  for (const namespaceId of searcher.administered) {
    const page = await organizations.teamsNamed(namespaceId, query, GROUP);
    for (const team of page.documents) found.set(team.id, team);
    if (found.size >= GROUP) break;
  }
  const own = await organizations.teamsById(searcher.memberships.map(({ teamId }) => teamId));
  for (const team of own) if (team?.name.startsWith(query)) found.set(team.id, team);
  const views: Result[] = [];
  for (const team of [...found.values()].slice(0, GROUP)) {
    const organization = await searcher.namespace(team.namespaceId);
    if (organization) views.push(await teamView(api, team, organization, query));
  }
  return views;
}

/** Of his own namespace and of the organizations that he administers; also by their whole name. */
async function robotsFound(api: FindApi, searcher: Searcher, query: string): Promise<Result[]> {
  const [owner = '', shortName] = query.split('+', 2);
  const views: Result[] = [];
  for (const namespaceId of searcher.administered) {
    if (views.length >= GROUP) break;
    const namespace = await searcher.namespace(namespaceId);
    if (!namespace || (shortName !== undefined && namespace.name !== owner)) continue;
    const robots = await api.queries.robots.named(namespaceId, shortName ?? query, GROUP - views.length);
    views.push(...robots.map((robot) => robotView(robot, namespace, query)));
  }
  return views;
}

async function namespacesFound(api: FindApi, searcher: Searcher, query: string): Promise<Result[]> {
  const { search } = api.queries;
  const names = [
    ...(await search.namesBeginning('user', query, NAMES)),
    ...(await search.namesBeginning('organization', query, NAMES)),
  ].sort((one, other) => one.name.length - other.name.length);
  const views: Result[] = [];
  for (const { id } of names) {
    if (views.length === GROUP) break;
    const namespace = await searcher.namespace(id);
    if (!namespace || namespace.disabled || !(await searcher.seesSomethingIn(id))) continue;
    views.push(await namespaceView(api, namespace, query));
  }
  return views;
}
