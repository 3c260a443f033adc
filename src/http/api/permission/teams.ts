import { PermissionUnknown } from '../../../domain/repository/permissions.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { InvalidRequest } from '../framework/problems.js';
import { RoleBody } from './bodies.js';
import { permissionRefusals as refusals, placeOf, repositoryIn, repositoryWith } from './found.js';
import { OnlyRoleView, TeamPermissionsView, TeamPermissionView, teamPermissionView } from './views.js';

const LIST = '/api/v1/repository/{repository}/permissions/team/';
const ONE = '/api/v1/repository/{repository}/permissions/team/{teamname}';

/** Permissions of teams (contract: organizations §8). */
export function teamPermissionEndpoints({ rules, commands, queries, portraits }: Api): readonly Endpoint[] {
  const { permissions, organizations, repositories } = queries;
  const reading = { module: 'permission', scope: 'repo:admin', access: rules.repositoryIfAny('audit') } as const;
  const administering = { module: 'permission', scope: 'repo:admin', access: rules.repositoryIfAny('admin') } as const;
  const writing = { ...administering, refusals };
  return [
    endpoint({
      ...{ operation: 'listRepoTeamPermissions', method: 'GET', path: LIST, ...reading },
      summary: 'List what teams may do in a repository.',
      answers: { 200: TeamPermissionsView },
      handle: async ({ target: { found } }) => {
        const all = found ? await permissions.teams(found.repository.id) : [];
        const views = all.map((each) => [each.team.name, teamPermissionView(each, portraits)] as const);
        return answer(200, { permissions: Object.fromEntries(views) });
      },
    }),
    endpoint({
      ...{ operation: 'getTeamPermissions', method: 'GET', path: ONE, ...reading },
      summary: 'Show what a team was given in a repository.',
      answers: { 200: OnlyRoleView },
      handle: async ({ target, path }) => {
        const id = repositoryWith(target, 'Team');
        const team = await organizations.team(target.namespace.id, path.teamname);
        const [role] = team ? await repositories.rolesOf(id, [{ kind: 'team', id: team.id }]) : [];
        if (role === undefined) throw new PermissionUnknown('Team');
        return answer(200, { role });
      },
    }),
    endpoint({
      ...{ operation: 'changeTeamPermissions', method: 'PUT', path: ONE, ...writing },
      summary: 'Give a team a role in a repository.',
      body: RoleBody,
      answers: { 200: TeamPermissionView },
      handle: async ({ target, path, body: { role }, context }) => {
        const id = repositoryIn(target);
        const { namespace } = target;
        const team = await organizations.team(namespace.id, path.teamname);
        if (!team) throw new InvalidRequest(`No team ${path.teamname} in organization ${namespace.name}`);
        const grantee = { kind: 'team', id: team.id } as const;
        await commands.permissions.grant(id, { grantee, role, place: placeOf(namespace) }, context);
        return answer(200, teamPermissionView({ team, role }, portraits));
      },
    }),
    endpoint({
      ...{ operation: 'deleteTeamPermissions', method: 'DELETE', path: ONE, ...writing },
      summary: "Take a team's role in a repository away.",
      answers: { 204: null },
      handle: async ({ target, path, context }) => {
        const id = repositoryWith(target, 'Team');
        const team = await organizations.team(target.namespace.id, path.teamname);
        if (!team) throw new PermissionUnknown('Team');
        const command = { grantee: { kind: 'team', id: team.id }, place: placeOf(target.namespace) } as const;
        await commands.permissions.revoke(id, command, context);
        return answer(204, null);
      },
    }),
  ];
}
