import Type from 'typebox';
import { may, withoutPrivilege } from '../../../domain/access.js';
import type { NamespaceId } from '../../../domain/shared/ids.js';
import { parseRepositoryName } from '../../../domain/shared/repositoryPath.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { nullable, oneOf, text } from '../framework/kinds.js';
import { InvalidRequest, Message, PlainAbort } from '../framework/problems.js';
import { flagParameter, textParameter } from '../framework/query.js';
import { anyone, refusalOf } from '../framework/rules.js';
import { RepositoryLists } from './lists.js';
import { ListedRepositoryView } from './views.js';

class NewRepository {
  @required(text()) readonly repository!: string;
  @required(oneOf(['public', 'private'])) readonly visibility!: 'public' | 'private';
  @required(text()) readonly description!: string;
  @optional(text()) readonly namespace?: string;
  @optional(nullable(oneOf(['image']))) readonly repo_kind?: 'image' | null;
}

const EXISTS = 'Repository already exists';
const KINDS: ReadonlySet<string> = new Set(['image', 'application']);

/** The collection of repositories (contract: repositories §1). */
export function repositoryCollectionEndpoints(api: Api): readonly Endpoint[] {
  const { commands, directory, pageTokens, settings } = api;
  const lists = new RepositoryLists(api);
  const extendedNames = settings.isOn('EXTENDED_REPOSITORY_NAMES');

  /** Where the caller may create one, and whether only because he is a superuser. */
  async function placeFor(
    incoming: Incoming,
    asked: string | undefined,
  ): Promise<{ readonly namespace: NamespaceDocument; readonly asSuperuser: boolean }> {
    const { subject } = incoming;
    if (subject.caller.kind === 'anonymous') throw new InvalidRequest('Must provide a namespace or must be logged in.');
    const namespace = await directory.namespace(asked ?? subject.caller.name);
    if (!namespace || namespace.disabled) throw refusalOf(incoming);
    const there = await directory.namespaceFacts(subject.caller, namespace);
    const act = { on: 'namespace', to: 'create-repository', there } as const;
    if (!may(subject, act, directory.policy)) throw refusalOf(incoming);
    return { namespace, asSuperuser: !may(withoutPrivilege(subject), act, directory.policy) };
  }

  return [
    endpoint({
      operation: 'createRepo',
      method: 'POST',
      path: '/api/v1/repository',
      module: 'repository',
      summary: 'Create a new repository.',
      scope: 'repo:create',
      access: { ...anyone, bodyFirst: true },
      body: NewRepository,
      answers: {
        201: Type.Object({ namespace: Type.String(), name: Type.String(), kind: Type.Literal('image') }),
      },
      refusals: {
        'name-taken': () => new InvalidRequest(EXISTS),
        'repository-exists': () => new InvalidRequest('Could not create repository'),
        'repository-name-invalid': ({ message }) => new InvalidRequest(message),
        'description-too-long': ({ message }) => new InvalidRequest(message),
      },
      handle: async (call) => {
        const { repository: asked, visibility, description } = call.body;
        const { namespace, asSuperuser } = await placeFor(call, call.body.namespace);
        const { caller } = call.subject;
        if (await directory.repository(namespace.name, asked)) throw new InvalidRequest(EXISTS);
        const name = parseRepositoryName(asked, { libraryNamespace: null, extendedNames, maxLength: 255 });
        const creator = caller.kind === 'anonymous' ? null : { kind: caller.kind, id: caller.id };
        await commands.repositories.create(
          { namespaceId: namespace.id as NamespaceId, name, visibility, description, creator },
          { ...call.context, asSuperuser },
        );
        return answer(201, { namespace: namespace.name, name, kind: 'image' as const });
      },
    }),
    endpoint({
      operation: 'listRepos',
      method: 'GET',
      path: '/api/v1/repository',
      module: 'repository',
      summary: 'Fetch the list of repositories visible to the current user under a variety of situations.',
      scope: 'repo:read',
      access: anyone,
      query: {
        namespace: textParameter('Filters the repositories returned to this namespace'),
        starred: flagParameter('Filters the repositories returned to those starred by the user'),
        public: flagParameter('Adds any repositories visible to the user by virtue of being public'),
        last_modified: flagParameter('Whether to include when the repository was last modified.'),
        popularity: flagParameter("Whether to include the repository's popularity metric."),
        repo_kind: textParameter('The kind of repositories to return'),
        next_page: textParameter('The page token for the next page'),
      },
      answers: {
        200: Type.Object({ repositories: Type.Array(ListedRepositoryView), next_page: Type.Optional(Type.String()) }),
      },
      handle: async (call) => {
        const { namespace = '', starred, public: withPublic, repo_kind: kind = 'image', next_page: token } = call.query;
        if (namespace === '' && !starred && !withPublic)
          throw new InvalidRequest('namespace, starred or public are required for this API call');
        const wanted = { lastModified: call.query.last_modified, popularity: call.query.popularity };
        if (starred) {
          if (call.subject.caller.kind !== 'user') throw new PlainAbort(400);
          if (!KINDS.has(kind)) throw new Message(400, 'Unknown kind of repository');
          const found = kind === 'image' ? await lists.starred(call) : [];
          return answer(200, { repositories: await lists.shown(call, found, wanted) });
        }
        if (!KINDS.has(kind)) throw new Message(400, 'Unknown repository kind');
        // The legacy kind has no repositories here.
        if (kind !== 'image') return answer(200, { repositories: [] });
        const after = await pageTokens.read('repositories', token);
        const page = await lists.visible(call, { namespace, withPublic, after: after ?? '' });
        const repositories = await lists.shown(call, page.found, wanted);
        if (page.next === undefined) return answer(200, { repositories });
        return answer(200, { repositories, next_page: await pageTokens.issue('repositories', page.next) });
      },
    }),
  ];
}
