import { PermissionUnknown, type KnownGrantee } from '../../../domain/repository/permissions.js';
import type { NamedGrantee } from '../../../projections/permissions.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';
import { RoleBody } from './bodies.js';
import { permissionRefusals as refusals, placeOf, refuseOwner, repositoryIn, repositoryWith } from './found.js';
import { RolesView, UserPermissionsView, UserPermissionView, userPermissionView } from './views.js';

const LIST = '/api/v1/repository/{repository}/permissions/user/';
const ONE = '/api/v1/repository/{repository}/permissions/user/{username}';

/** Permissions of people and robots (contract: organizations §8). */
export function userPermissionEndpoints({ rules, commands, queries, portraits }: Api): readonly Endpoint[] {
  const { permissions } = queries;
  const reading = { module: 'permission', scope: 'repo:admin', access: rules.repositoryIfAny('audit') } as const;
  const administering = { module: 'permission', scope: 'repo:admin', access: rules.repositoryIfAny('admin') } as const;
  const writing = { ...administering, refusals };
  return [
    endpoint({
      ...{ operation: 'listRepoUserPermissions', method: 'GET', path: LIST, ...reading },
      summary: 'List what users and robots may do in a repository.',
      answers: { 200: UserPermissionsView },
      handle: async ({ target: { found } }) => {
        if (!found) return answer(200, { permissions: {} });
        const all = await permissions.users(found.repository.id, found.namespace);
        const views = await Promise.all(all.map((each) => userPermissionView(each, found.namespace, portraits)));
        return answer(200, { permissions: Object.fromEntries(views.map((view) => [view.name, view])) });
      },
    }),
    endpoint({
      ...{ operation: 'getUserPermissions', method: 'GET', path: ONE, ...reading },
      summary: 'Show what a user or a robot was given in a repository.',
      answers: { 200: UserPermissionView },
      handle: async ({ target, path }) => {
        const id = repositoryWith(target, 'User');
        const grantee = await permissions.granteeNamed(path.username);
        const permission = grantee && (await permissions.direct(id, target.namespace, grantee));
        if (!permission) throw new PermissionUnknown('User');
        return answer(200, await userPermissionView(permission, target.namespace, portraits));
      },
    }),
    endpoint({
      ...{ operation: 'getUserTransitivePermission', method: 'GET', path: `${ONE}/transitive`, ...reading },
      summary: 'List the roles that a user has in a repository, by himself and by his teams.',
      answers: { 200: RolesView },
      handle: async ({ target: { found }, path }) => {
        const grantee = await permissions.granteeNamed(path.username);
        const roles =
          found && grantee ? await permissions.transitive(found.repository.id, found.namespace, grantee) : [];
        if (roles.length === 0) throw new NotFound();
        return answer(200, { permissions: roles.map((role) => ({ role })) });
      },
    }),
    endpoint({
      ...{ operation: 'changeUserPermissions', method: 'PUT', path: ONE, ...writing },
      summary: 'Give a user or a robot a role in a repository.',
      body: RoleBody,
      answers: { 200: UserPermissionView },
      handle: async ({ target, path, body: { role }, context }) => {
        const id = repositoryIn(target);
        const { namespace } = target;
        refuseOwner(path.username, target);
        const grantee = await permissions.granteeNamed(path.username);
        if (!grantee) throw new InvalidRequest(`Invalid username: ${path.username}`);
        const command = { grantee: known(grantee), role, place: placeOf(namespace) };
        await commands.permissions.grant(id, command, context);
        const isMember = await permissions.isMember(namespace, grantee);
        return answer(200, await userPermissionView({ grantee, role, isMember }, namespace, portraits));
      },
    }),
    endpoint({
      ...{ operation: 'deleteUserPermissions', method: 'DELETE', path: ONE, ...writing },
      summary: "Take a user's or a robot's role in a repository away.",
      answers: { 204: null },
      handle: async ({ target, path, context }) => {
        refuseOwner(path.username, target);
        const id = repositoryWith(target, 'User');
        const grantee = await permissions.granteeNamed(path.username);
        if (!grantee) throw new PermissionUnknown('User');
        await commands.permissions.revoke(id, { grantee, place: placeOf(target.namespace) }, context);
        return answer(204, null);
      },
    }),
  ];
}

const known = (grantee: NamedGrantee): KnownGrantee =>
  grantee.kind === 'user'
    ? { kind: 'user', id: grantee.id }
    : { kind: 'robot', id: grantee.id, name: grantee.name, namespaceId: grantee.robot.namespaceId };
