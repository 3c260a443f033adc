import type { Static } from 'typebox';
import { may } from '../../../domain/access.js';
import { RepositoryUnknown } from '../../../domain/repository/errors.js';
import type { RepositoryId } from '../../../domain/shared/ids.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { oneOf, text } from '../framework/kinds.js';
import { flagParameter } from '../framework/query.js';
import { momentParameter, pastOf } from '../tag/past.js';
import { sizeOf } from '../tag/views.js';
import { listedRepository, livingTag, RepositoryView, SuccessView } from './views.js';

class Description {
  @required(text()) readonly description!: string;
}
class Visibility {
  @required(oneOf(['public', 'private'])) readonly visibility!: 'public' | 'private';
}
class State {
  @required(oneOf(['NORMAL', 'READ_ONLY', 'MIRROR'])) readonly state!: 'NORMAL' | 'READ_ONLY' | 'MIRROR';
}

const ONE = '/api/v1/repository/{repository}';
/** More tags than that are not shown with the repository. */
const MOST_TAGS = 500;

export const repositoryIdOf = ({ repository }: FoundRepository): RepositoryId => repository.id as RepositoryId;

/** One repository (contract: repositories §2). */
export function repositoryEndpoints(api: Api): readonly Endpoint[] {
  const { commands, queries, directory, sealing, settings, rules } = api;
  const { repositories } = commands;

  /** @param at as of a moment; undefined: now */
  async function livingTags(incoming: Incoming, found: FoundRepository, at: string | undefined) {
    const { id } = found.repository;
    const window = { offset: 0, limit: MOST_TAGS };
    const { rows } =
      at === undefined
        ? await queries.tagListing.list(id, { onlyAlive: true }, window, incoming.now)
        : await queries.tagListing.listAt(id, await pastOf(api, incoming, found, at), window);
    const manifests = await queries.manifests.getMany(
      id,
      rows.map(({ digest }) => digest),
    );
    return Object.fromEntries(rows.map((row, index) => [row.tag, livingTag(row, sizeOf(manifests[index]))]));
  }

  async function isStarred({ subject: { caller } }: Incoming, id: string): Promise<boolean> {
    return caller.kind === 'user' && (await queries.accounts.starredBy(caller.id)).includes(id);
  }

  /** Lets the badge of a private repository be shown to who has it; nothing else opens with it. */
  async function badgeToken({ id, visibility }: FoundRepository['repository']): Promise<string> {
    return visibility === 'public' ? '' : asUuid(await sealing.lookup('badge', id));
  }

  async function view(incoming: Incoming, found: FoundRepository): Promise<Static<typeof RepositoryView>> {
    const { subject } = incoming;
    const { repository, namespace } = found;
    const there = await directory.repositoryFacts(subject.caller, found);
    const can = (to: 'write' | 'audit'): boolean => may(subject, { on: 'repository', to, there }, directory.policy);
    return {
      ...listedRepository(found),
      is_organization: namespace.kind === 'organization',
      is_starred: await isStarred(incoming, repository.id),
      status_token: await badgeToken(repository),
      trust_enabled: false,
      tag_expiration_s: namespace.timeMachineSeconds,
      is_free_account: true,
      can_write: repository.state === 'NORMAL' && can('write'),
      can_admin: can('audit'),
    };
  }

  return [
    endpoint({
      operation: 'getRepo',
      method: 'GET',
      path: ONE,
      module: 'repository',
      summary: 'Fetch the specified repository.',
      scope: 'repo:read',
      access: rules.repository('read'),
      query: {
        includeStats: flagParameter('Whether to include action statistics'),
        includeTags: flagParameter('Whether to include repository tags', true),
        at: momentParameter,
      },
      answers: { 200: RepositoryView },
      handle: async (call) => {
        const { id } = call.target.repository;
        const { includeStats, includeTags } = call.query;
        return answer(200, {
          ...(await view(call, call.target)),
          ...(includeTags ? { tags: await livingTags(call, call.target, call.query.at) } : {}),
          ...(includeStats ? { stats: [...(await queries.repositoryActivity.days(id, call.now))] } : {}),
        });
      },
    }),
    endpoint({
      operation: 'updateRepo',
      method: 'PUT',
      path: ONE,
      module: 'repository',
      summary: 'Update the description in the specified repository.',
      scope: 'repo:write',
      access: rules.repository('write'),
      body: Description,
      answers: { 200: SuccessView },
      handle: async ({ target, body, context }) => {
        await repositories.setDescription(repositoryIdOf(target), body.description, context);
        return answer(200, { success: true });
      },
    }),
    endpoint({
      operation: 'deleteRepository',
      method: 'DELETE',
      path: ONE,
      module: 'repository',
      summary: 'Delete a repository.',
      scope: 'repo:admin',
      access: rules.repositoryIfAny('admin'),
      answers: { 204: null },
      handle: async ({ target, context }) => {
        try {
          if (target.found) await repositories.delete(repositoryIdOf(target.found), context);
        } catch (error) {
          // Somebody else was quicker: it is gone.
          if (!(error instanceof RepositoryUnknown)) throw error;
        }
        return answer(204, null);
      },
    }),
    endpoint({
      operation: 'changeRepoVisibility',
      method: 'POST',
      path: `${ONE}/changevisibility`,
      module: 'repository',
      summary: 'Change the visibility of a repository.',
      scope: 'repo:admin',
      access: rules.repository('admin'),
      body: Visibility,
      answers: { 200: SuccessView },
      handle: async ({ target, body, context }) => {
        await repositories.setVisibility(repositoryIdOf(target), body.visibility, context);
        return answer(200, { success: true });
      },
    }),
    ...(settings.isOn('REPO_MIRROR')
      ? [
          endpoint({
            operation: 'changeRepoState',
            method: 'PUT',
            path: `${ONE}/changestate`,
            module: 'repository',
            summary: 'Change the state of a repository.',
            scope: 'repo:admin',
            access: rules.repository('admin'),
            body: State,
            answers: { 200: SuccessView },
            handle: async ({ target, body, context }) => {
              await repositories.setState(repositoryIdOf(target), body.state, context);
              return answer(200, { success: true });
            },
          }),
        ]
      : []),
  ];
}

/** The beginning of an HMAC, in the form that badge tokens have. */
const asUuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
