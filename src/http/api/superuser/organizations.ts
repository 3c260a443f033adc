import Type from 'typebox';
import type { AccountId, NamespaceId } from '../../../domain/shared/ids.js';
import { parseNamespaceName } from '../../../domain/shared/namespaceName.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Api } from '../api.js';
import { optional } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { Message, NotFound } from '../framework/problems.js';
import { superuserRules } from './access.js';
import { ordinaryUserNamed } from './found.js';
import { listed, pageParameters } from './paging.js';
import { SuperuserOrganizationView, superuserOrganizationView } from './views.js';

class ChangedOrganization {
  @optional(text()) readonly name?: string;
}

const NOT_AVAILABLE = 'Username is not available';

const idOf = ({ id }: NamespaceDocument): NamespaceId => id as NamespaceId;

/** Organizations, and how superusers come to own what others left (contract: superuser §2). */
export function superuserOrganizationEndpoints(api: Api): readonly Endpoint[] {
  const { settings, commands, queries, pageTokens, portraits } = api;
  const { inspect, administer } = superuserRules(api);

  const namespaceNamed = async (name: string): Promise<NamespaceDocument> => {
    const namespace = await queries.namespaces.byName(name);
    if (!namespace) throw new NotFound();
    return namespace;
  };

  const list = endpoint({
    operation: 'listAllOrganizations',
    method: 'GET',
    path: '/api/v1/superuser/organizations/',
    module: 'superuser',
    summary: 'List the organizations for the given user.',
    scope: 'super:user',
    access: inspect,
    fresh: true,
    internal: true,
    query: pageParameters,
    answers: {
      200: Type.Object({
        organizations: Type.Array(SuperuserOrganizationView),
        next_page: Type.Optional(Type.String()),
      }),
    },
    handle: async ({ query }) => {
      const { views: organizations, next } = await listed(
        {
          ...{ name: 'superuser-organizations', tokens: pageTokens },
          page: (limit, cursor) => queries.namespaces.ofKind('organization', limit, cursor),
          view: (namespace) => superuserOrganizationView(namespace, api),
        },
        query,
      );
      return answer(200, { organizations, ...(next === undefined ? {} : { next_page: next }) });
    },
  });

  const change = endpoint({
    operation: 'changeOrganization',
    method: 'PUT',
    path: '/api/v1/superuser/organizations/{name}',
    module: 'superuser',
    summary: 'Updates information about the specified user.',
    scope: 'super:user',
    access: administer,
    fresh: true,
    body: ChangedOrganization,
    answers: { 200: SuperuserOrganizationView },
    refusals: { 'name-taken': () => new Message(400, NOT_AVAILABLE) },
    handle: async ({ path, body, context }) => {
      const namespace = await namespaceNamed(path.name);
      if (namespace.kind !== 'organization') throw new Message(400, `Organization does not exist: ${path.name}`);
      if (body.name !== undefined && body.name !== namespace.name) {
        const name = parseNamespaceName(body.name, 'username');
        if (settings.people.reservedNames.has(name)) throw new Message(400, NOT_AVAILABLE);
        await commands.namespaces.rename(idOf(namespace), name, context);
      }
      const renamed = await queries.namespaces.byId(namespace.id);
      return answer(200, await superuserOrganizationView(renamed ?? namespace, api));
    },
  });

  const remove = endpoint({
    operation: 'deleteOrganization',
    method: 'DELETE',
    path: '/api/v1/superuser/organizations/{name}',
    module: 'superuser',
    summary: 'Deletes the specified organization.',
    scope: 'super:user',
    access: administer,
    fresh: true,
    answers: { 204: null },
    handle: async ({ path, context }) => {
      const namespace = await namespaceNamed(path.name);
      if (namespace.kind !== 'organization') throw new NotFound();
      await commands.organizations.delete(idOf(namespace), context);
      return answer(204, null);
    },
  });

  const takeOwnership = endpoint({
    operation: 'takeOwnership',
    method: 'POST',
    path: '/api/v1/superuser/takeownership/{namespace}',
    module: 'superuser',
    summary: 'Takes ownership of the specified organization or user.',
    scope: 'super:user',
    access: administer,
    fresh: true,
    internal: true,
    answers: { 200: Type.Object({ namespace: Type.String() }) },
    handle: async ({ path, target, context }) => {
      const namespace = await namespaceNamed(path.namespace);
      const account =
        namespace.kind === 'organization'
          ? null
          : await ordinaryUserNamed(api, namespace.name, 'Cannot take ownership of a superuser');
      const person = account && { accountId: account.id as AccountId, email: await portraits.emailOf(account) };
      const newOwner = target.id as AccountId;
      await commands.ownership.take({ namespaceId: idOf(namespace), person, newOwner }, context);
      return answer(200, { namespace: namespace.name });
    },
  });

  return [list, change, remove, takeOwnership];
}
