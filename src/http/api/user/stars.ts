import Type from 'typebox';
import { may, type Caller, type Subject } from '../../../domain/access.js';
import type { AccountId, RepositoryId } from '../../../domain/shared/ids.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { textParameter } from '../framework/query.js';

export class StarBody {
  @required(text()) readonly namespace!: string;
  @required(text()) readonly repository!: string;
}

const StarredView = Type.Object({
  namespace: Type.String(),
  name: Type.String(),
  description: Type.Union([Type.String(), Type.Null()]),
  is_public: Type.Boolean(),
});

const STARRED = '/api/v1/user/starred';
const PAGE = 100;
/** The contract's answer about a repository that is not there, or of which the caller may not know. */
const NOTHING = answer(200, null);

/** Repositories that somebody wants to find again (contract: accounts §5). Of those that he may not read nothing is said. */
export const starEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, commands, queries, directory, pageTokens } = api;
  const starsOf = (caller: Extract<Caller, { kind: 'user' }>) => queries.accounts.starredBy(caller.id);

  async function mayRead(subject: Subject, found: FoundRepository): Promise<boolean> {
    const there = await directory.repositoryFacts(subject.caller, found);
    return !found.namespace.disabled && may(subject, { on: 'repository', to: 'read', there }, directory.policy);
  }

  /** Those of the ids that are there and may be seen. */
  async function readable(subject: Subject, ids: readonly string[]): Promise<FoundRepository[]> {
    const repositories = (await queries.repositories.byIds(ids)).filter((found) => found !== undefined);
    const namespaces = await queries.namespaces.byIds(repositories.map(({ namespaceId }) => namespaceId));
    const found: FoundRepository[] = [];
    for (const [index, repository] of repositories.entries()) {
      const namespace = namespaces[index];
      if (namespace && (await mayRead(subject, { repository, namespace }))) found.push({ repository, namespace });
    }
    return found;
  }

  const list = endpoint({
    operation: 'listStarredRepos',
    method: 'GET',
    path: STARRED,
    module: 'user',
    summary: 'List all starred repositories.',
    scope: 'user:admin',
    access: rules.user('admin'),
    query: { next_page: textParameter('The page token for the next page') },
    answers: {
      200: Type.Object({ repositories: Type.Array(StarredView), next_page: Type.Optional(Type.String()) }),
    },
    handle: async ({ query, subject, target }) => {
      const after = (await pageTokens.read(STARRED, query.next_page)) ?? '';
      const ids = (await starsOf(target)).filter((id) => id > after);
      const shown: FoundRepository[] = [];
      for (let from = 0; from < ids.length && shown.length <= PAGE; from += PAGE) {
        shown.push(...(await readable(subject, ids.slice(from, from + PAGE))));
      }
      const page = shown.slice(0, PAGE);
      const last = page.at(-1);
      const more =
        shown.length > PAGE && last ? { next_page: await pageTokens.issue(STARRED, last.repository.id) } : {};
      const repositories = page.map(({ repository, namespace }) => ({
        ...{ namespace: namespace.name, name: repository.name, description: repository.description },
        is_public: repository.visibility === 'public',
      }));
      return answer(200, { repositories, ...more });
    },
  });

  const create = endpoint({
    operation: 'createStar',
    method: 'POST',
    path: STARRED,
    module: 'user',
    summary: 'Star a repository.',
    scope: 'user:admin',
    access: rules.user('admin'),
    bodyFirst: true,
    body: StarBody,
    answers: {
      200: Type.Null(),
      201: Type.Object({ namespace: Type.String(), repository: Type.String() }),
    },
    handle: async ({ body: { namespace, repository }, subject, target, context }) => {
      const found = await directory.repository(namespace, repository);
      if (!found || !(await mayRead(subject, found))) return NOTHING;
      await commands.choices.setStarred(target.id as AccountId, found.repository.id as RepositoryId, true, context);
      return answer(201, { namespace, repository });
    },
  });

  const remove = endpoint({
    operation: 'deleteStar',
    method: 'DELETE',
    path: `${STARRED}/{repository}`,
    module: 'user',
    summary: 'Removes a star from a repository.',
    scope: 'user:admin',
    access: rules.user('admin'),
    answers: { 200: Type.Null(), 204: null },
    handle: async ({ path, subject, target, context }) => {
      const [namespace = '', ...name] = path.repository.split('/');
      const found = await directory.repository(namespace, name.join('/'));
      if (!found) return NOTHING;
      // Whoever has starred it may take that back, also when he may not read it any more.
      const isKnown = (await starsOf(target)).includes(found.repository.id) || (await mayRead(subject, found));
      if (!isKnown) return NOTHING;
      await commands.choices.setStarred(target.id as AccountId, found.repository.id as RepositoryId, false, context);
      return answer(204, null);
    },
  });
  return [list, create, remove];
};
