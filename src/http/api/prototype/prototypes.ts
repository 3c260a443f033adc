import Type, { type Static } from 'typebox';
import type { Member } from '../../../domain/organization/team/events.js';
import type { Grantee } from '../../../domain/repository/events.js';
import type { DefaultPermissionId } from '../../../domain/shared/ids.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { DefaultPermissionDocument } from '../../../projections/organizations.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { InvalidRequest, Message, NotFound } from '../framework/problems.js';
import { namespaceIdOf } from '../shared/namespaces.js';
import { NewPrototypeBody, PrototypeRoleBody } from './bodies.js';
import { PrototypeView, prototypeView } from './views.js';

const [module, scope] = ['prototype', 'org:admin'] as const;
const path = '/api/v1/organization/{orgname}/prototypes';
const one = `${path}/{prototypeid}` as const;

const refusals: Refusals = { 'default-permission-unknown': () => new NotFound() };

/** Default permissions (contract: organizations §6). */
export const prototypeEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, queries, commands } = api;
  const administering = { module, scope, access: rules.organization('administer'), refusals } as const;

  const list = endpoint({
    ...{ operation: 'getOrganizationPrototypePermissions', method: 'GET', path, module, scope },
    summary: 'List the existing prototypes for this organization.',
    access: rules.organization('audit'),
    answers: { 200: Type.Object({ prototypes: Type.Array(PrototypeView) }) },
    handle: async ({ target }) => {
      const permissions = await queries.organizations.defaultPermissions(target.id);
      return answer(200, { prototypes: await viewsOf(api, target, permissions) });
    },
  });

  const create = endpoint({
    ...{ operation: 'createOrganizationPrototypePermission', method: 'POST', path, ...administering },
    summary: 'Create a new permission prototype.',
    body: NewPrototypeBody,
    answers: { 200: PrototypeView },
    handle: async ({ target, body, context }) => {
      const activatingUser = await activatingUserOf(api, body);
      const delegate = await delegateOf(api, target, body);
      const command = { role: body.role, activatingUser, delegate };
      const id = await commands.defaultPermissions.add(namespaceIdOf(target), command, context);
      return answer(200, await viewOf(api, target, id));
    },
  });

  const change = endpoint({
    ...{ operation: 'updateOrganizationPrototypePermission', method: 'PUT', path: one, ...administering },
    summary: 'Update the role of an existing permission prototype.',
    body: PrototypeRoleBody,
    answers: { 200: PrototypeView },
    handle: async ({ target, path: { prototypeid }, body: { role }, context }) => {
      const permissionId = prototypeid as DefaultPermissionId;
      await commands.defaultPermissions.setRole(namespaceIdOf(target), { permissionId, role }, context);
      return answer(200, await viewOf(api, target, permissionId));
    },
  });

  const remove = endpoint({
    ...{ operation: 'deleteOrganizationPrototypePermission', method: 'DELETE', path: one, ...administering },
    summary: 'Delete an existing permission prototype.',
    answers: { 204: null },
    handle: async ({ target, path: { prototypeid }, context }) => {
      await commands.defaultPermissions.remove(namespaceIdOf(target), prototypeid as DefaultPermissionId, context);
      return answer(204, null);
    },
  });

  return [list, create, change, remove];
};

async function activatingUserOf({ people }: Api, { activating_user: named }: NewPrototypeBody): Promise<Member | null> {
  if (named === undefined || named.name === '') return null;
  const person = await people.named(named.name);
  if (!person) throw new InvalidRequest('Unknown activating user');
  return person.member;
}

/** Robots are delegates of kind `user`; those of other namespaces get nothing here. */
async function delegateOf(
  { people, queries }: Api,
  { id, name: organization }: NamespaceDocument,
  { delegate: { kind, name } }: NewPrototypeBody,
): Promise<Grantee> {
  if (kind === 'team') {
    const team = await queries.organizations.team(id, name);
    if (!team) throw new Message(400, `Team does not exist: ${organization}/${name}`);
    return { kind: 'team', id: team.id };
  }
  const person = await people.named(name);
  if (!person) throw new InvalidRequest('Missing delegate user or team');
  if (person.isRobot && person.namespaceId !== id)
    throw new InvalidRequest(`Cannot add robot ${name} under namespace ${organization}`);
  return person.member;
}

async function viewOf(api: Api, organization: NamespaceDocument, id: string): Promise<Static<typeof PrototypeView>> {
  const permissions = await api.queries.organizations.defaultPermissions(organization.id);
  const [view] = await viewsOf(
    api,
    organization,
    permissions.filter((permission) => permission.id === id),
  );
  if (!view) throw new NotFound();
  return view;
}

async function viewsOf(
  { queries, people, portraits }: Api,
  { id }: NamespaceDocument,
  permissions: readonly DefaultPermissionDocument[],
): Promise<Static<typeof PrototypeView>[]> {
  const keys = permissions.flatMap(({ activatingUser, delegate }) => [activatingUser ?? delegate, delegate]);
  const members = await queries.organizations.membersIn(id);
  const named = {
    people: await people.known(keys),
    teams: new Map((await queries.organizations.teams(id)).map((team) => [`team:${team.id}`, team])),
    isMember: (key: string) => members.has(key),
  };
  return permissions.flatMap((permission) => {
    const view = prototypeView(permission, named, portraits);
    return view ? [view] : [];
  });
}
