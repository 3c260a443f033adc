import type { TeamId } from '../../shared/ids.js';
import type { OrganizationEvent } from '../events.js';
import type { Member, TeamRole } from './events.js';

export type Team = {
  readonly id: TeamId;
  readonly name: string;
  readonly role: TeamRole;
  readonly description: string;
  /** `memberKey` of each. */
  readonly members: Set<string>;
};

/** In the order of their creation. */
export type Teams = Map<TeamId, Team>;

export const memberKey = ({ kind, id }: Member): string => `${kind}:${id}`;

export function evolveTeams(teams: Teams, event: OrganizationEvent): void {
  switch (event.type) {
    case 'TeamCreated': {
      const { teamId: id, name, role, description } = event.data;
      teams.set(id, { id, name, role, description, members: new Set() });
      return;
    }
    case 'TeamRoleSet':
      change(teams, event.data.teamId, { role: event.data.role });
      return;
    case 'TeamDescriptionSet':
      change(teams, event.data.teamId, { description: event.data.description });
      return;
    case 'TeamDeleted':
      teams.delete(event.data.teamId);
      return;
    case 'MemberJoined':
      teams.get(event.data.teamId)?.members.add(memberKey(event.data.member));
      return;
    case 'MemberLeft':
      teams.get(event.data.teamId)?.members.delete(memberKey(event.data.member));
      return;
    default:
      return;
  }
}

function change(teams: Teams, id: TeamId, by: Partial<Team>): void {
  const team = teams.get(id);
  if (team) teams.set(id, { ...team, ...by });
}

export const teamNamed = (teams: Teams, name: string): Team | undefined =>
  [...teams.values()].find((team) => team.name === name);

export const teamsOf = (teams: Teams, member: Member): Team[] =>
  [...teams.values()].filter(({ members }) => members.has(memberKey(member)));
