import Type from 'typebox';
import type { CommandContext } from '../../../commands/context.js';
import type { AccountId, NamespaceId } from '../../../domain/shared/ids.js';
import type { AssignmentDocument } from '../../../projections/applications.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { NotFound } from '../framework/problems.js';
import { AssignedAuthorizationView, AuthorizationView, authorizationView, type OwnedApplication } from './views.js';

const ALL = '/api/v1/user/authorizations';
const ASSIGNED = '/api/v1/user/assignedauthorization';
/** Each is an event: others decide how many wait, and whoever looks again sees more. */
const MOST_SEEN = 50;
const refusals: Refusals = {
  'application-token-unknown': () => new NotFound(),
  'assignment-unknown': () => new NotFound(),
};

/** What a user has granted to applications, and what others have assigned to him (contract: accounts §6). */
export function authorizationEndpoints(api: Api): readonly Endpoint[] {
  return [...grantedEndpoints(api), ...(api.settings.isOn('ASSIGN_OAUTH_TOKEN') ? assignedEndpoints(api) : [])];
}

/** The application that something belongs to; undefined if it went away meanwhile. */
const owned =
  ({ queries }: Api) =>
  async ({ clientId, namespaceId }: { readonly clientId: string; readonly namespaceId: string }) => {
    const application = await queries.applications.application(clientId);
    const namespace = await queries.namespaces.byId(namespaceId);
    return application && namespace ? ({ application, namespace } satisfies OwnedApplication) : undefined;
  };

function grantedEndpoints(api: Api): readonly Endpoint[] {
  const { commands, queries, rules, portraits } = api;
  const applicationOf = owned(api);
  const mine = async (accountId: string, tokenId: string) => {
    const token = await queries.applications.token(tokenId);
    if (token?.accountId !== accountId) throw new NotFound();
    return token;
  };
  return [
    endpoint({
      operation: 'listUserAuthorizations',
      method: 'GET',
      path: ALL,
      module: 'user',
      summary: 'Lists the applications that the user has authorized.',
      internal: true,
      scope: 'user:admin',
      access: rules.user('admin'),
      answers: { 200: Type.Object({ authorizations: Type.Array(AuthorizationView) }) },
      handle: async ({ target }) => {
        const tokens = await queries.applications.tokensOf(target.id);
        const views = tokens.map(async (token) => {
          const application = await applicationOf(token);
          return application ? [await authorizationView(token, application, portraits)] : [];
        });
        return answer(200, { authorizations: (await Promise.all(views)).flat() });
      },
    }),
    endpoint({
      operation: 'getUserAuthorization',
      method: 'GET',
      path: `${ALL}/{access_token_uuid}`,
      module: 'user',
      summary: 'Describes one authorization of the user.',
      internal: true,
      scope: 'user:admin',
      access: rules.user('admin'),
      answers: { 200: AuthorizationView },
      handle: async ({ path, target }) => {
        const token = await mine(target.id, path.access_token_uuid);
        const application = await applicationOf(token);
        if (!application) throw new NotFound();
        return answer(200, await authorizationView(token, application, portraits));
      },
    }),
    endpoint({
      operation: 'deleteUserAuthorization',
      method: 'DELETE',
      path: `${ALL}/{access_token_uuid}`,
      module: 'user',
      summary: 'Takes an authorization back: its token serves nobody any more.',
      internal: true,
      scope: 'user:admin',
      access: rules.user('admin'),
      answers: { 204: null },
      refusals,
      handle: async ({ path, target, context }) => {
        const { id, namespaceId } = await mine(target.id, path.access_token_uuid);
        const revocation = { tokenId: id, from: 'owner' } as const;
        await commands.applications.revokeToken(namespaceId as NamespaceId, revocation, context);
        return answer(204, null);
      },
    }),
  ];
}

function assignedEndpoints(api: Api): readonly Endpoint[] {
  const { commands, queries, rules, portraits } = api;
  const applicationOf = owned(api);
  const view = async (assignment: AssignmentDocument) => {
    const found = await applicationOf(assignment);
    if (!found) return [];
    const { application, ...rest } = await authorizationView(assignment, found, portraits);
    const { clientId, redirectUri, responseType } = assignment;
    return [{ ...rest, application: { ...application, clientId }, redirectUri, responseType }];
  };
  /** Who looks at them knows of them. */
  async function seen(accountId: AccountId, context: CommandContext): Promise<void> {
    if (api.settings.readOnly) return;
    const waiting = (await queries.notifications.of([`user:${accountId}`], accountId)).filter(
      ({ kind, dismissed }) => kind === 'assigned_authorization' && !dismissed,
    );
    for (const { id } of waiting.slice(0, MOST_SEEN)) {
      await commands.choices.setDismissed(accountId, id, true, context);
    }
  }

  return [
    endpoint({
      operation: 'listAssignedAuthorizations',
      method: 'GET',
      path: ASSIGNED,
      module: 'user',
      summary: 'Lists the authorizations that were assigned to the user and wait for him.',
      internal: true,
      scope: 'user:admin',
      access: rules.user('admin'),
      answers: { 200: Type.Object({ authorizations: Type.Array(AssignedAuthorizationView) }) },
      handle: async ({ target, context }) => {
        const assignments = await queries.applications.assignmentsOf(target.id);
        await seen(target.id as AccountId, context);
        return answer(200, { authorizations: (await Promise.all(assignments.map(view))).flat() });
      },
    }),
    endpoint({
      operation: 'deleteAssignedAuthorization',
      method: 'DELETE',
      path: `${ASSIGNED}/{assigned_authorization_uuid}`,
      module: 'user',
      summary: 'Refuses an authorization that was assigned to the user.',
      internal: true,
      scope: 'user:admin',
      access: rules.user('admin'),
      answers: { 204: null },
      refusals,
      handle: async ({ path, target, context }) => {
        const assignment = await queries.applications.assignment(path.assigned_authorization_uuid);
        if (assignment?.accountId !== target.id) throw new NotFound();
        const { id, namespaceId } = assignment;
        await commands.applications.removeAssignment(namespaceId as NamespaceId, id, context);
        return answer(204, null);
      },
    }),
  ];
}
