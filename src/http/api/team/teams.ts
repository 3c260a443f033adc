import type { NamespaceDocument } from '../../../projections/namespaces.js';
import { parseTeamName } from '../../../domain/shared/namespaceName.js';
import type { TeamRole } from '../../../domain/organization/team/events.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import type { Incoming } from '../framework/call.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { oneOf, text } from '../framework/kinds.js';
import { Message, NotFound } from '../framework/problems.js';
import type { Rule } from '../framework/rules.js';
import { namespaceIdOf } from '../shared/namespaces.js';
import { administratorOf } from './caller.js';
import { teamOf } from './rules.js';
import { TeamPermissionsView, TeamView, teamView } from './views.js';

export class TeamBody {
  @required(oneOf(['member', 'creator', 'admin'])) readonly role!: TeamRole;
  /** Markdown. */
  @optional(text()) readonly description?: string;
}

const [module, scope] = ['team', 'org:admin'] as const;
const path = '/api/v1/organization/{orgname}/team/{teamname}';

/** Teams themselves (contract: organizations §3). */
export const teamEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, commands, queries, portraits } = api;

  const set = endpoint({
    ...{ operation: 'updateOrganizationTeam', method: 'PUT', path, module, scope },
    summary: 'Update the org-wide permission for the specified team; create the team if it is not there.',
    access: saying(rules.organization('administer'), ({ orgname }) => `Organization does not exist: ${orgname ?? ''}`),
    body: TeamBody,
    answers: { 200: TeamView },
    handle: async (call) => {
      const { target, body, context } = call;
      const { role, description } = body;
      const name = parseTeamName(call.path.teamname);
      const command = { name, role, description, organization: target.name, caller: administratorOf(call) };
      const { created } = await commands.teams.set(namespaceIdOf(target), command, context);
      const team = await queries.organizations.team(target.id, name);
      if (!team) throw new NotFound();
      return answer(200, teamView(team, created, portraits));
    },
  });

  const remove = endpoint({
    ...{ operation: 'deleteOrganizationTeam', method: 'DELETE', path, module, scope },
    summary: 'Delete the specified team.',
    access: saying(
      rules.organization('administer'),
      ({ orgname, teamname }) => `Team '${teamname ?? ''}' is not a team in org '${orgname ?? ''}'`,
    ),
    answers: { 204: null },
    handle: async (call) => {
      const { target, context } = call;
      const command = { name: call.path.teamname, organization: target.name, caller: administratorOf(call) };
      await commands.teams.delete(namespaceIdOf(target), command, context);
      return answer(204, null);
    },
  });

  const permissions = endpoint({
    ...{ operation: 'getOrganizationTeamPermissions', method: 'GET', path: `${path}/permissions`, module, scope },
    summary: "Returns the list of repository permissions for the org's team.",
    access: teamOf(rules.organization('audit'), api),
    answers: { 200: TeamPermissionsView },
    handle: async ({ target: { organization, team } }) => {
      const granted = await queries.repositories.grantedIn(organization.id, { kind: 'team', id: team.id });
      return answer(200, {
        permissions: granted.map(({ repository: { name, visibility }, role }) => ({
          repository: { name, is_public: visibility === 'public' },
          role,
        })),
      });
    },
  });

  return [set, remove, permissions];
};

/** A missing organization is a rule violation here, in these words (contract: organizations §3). */
const saying = (rule: Rule<NamespaceDocument>, say: (path: Incoming['path']) => string): Rule<NamespaceDocument> => ({
  ...rule,
  admit: async (incoming) => {
    try {
      return await rule.admit(incoming);
    } catch (error) {
      throw error instanceof NotFound ? new Message(400, say(incoming.path)) : error;
    }
  },
});
