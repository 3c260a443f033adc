import type { AccountId, TeamId } from '../../shared/ids.js';
import type { TeamName } from '../../shared/namespaceName.js';
import { administratorsOf, wouldLoseAdmin, type Administrator } from '../administrators.js';
import type { OrganizationEvent } from '../events.js';
import type { Organization } from '../organization.js';
import { AdminNeeded, OrganizationFounded, TeamUnknown } from './errors.js';
import type { TeamRole } from './events.js';
import { teamNamed, type Team, type Teams } from './state.js';

/** The team that every organization begins with. */
export const OWNERS = 'owners';

export type FoundOrganization = { readonly teamId: TeamId; readonly owner: AccountId };

export function decideFound({ teamId, owner }: FoundOrganization, { teams }: Organization): OrganizationEvent[] {
  if (teams.size > 0) throw new OrganizationFounded();
  return [
    { type: 'TeamCreated', data: { teamId, name: OWNERS, role: 'admin', description: '' } },
    { type: 'MemberJoined', data: { teamId, member: { kind: 'user', id: owner }, inviteId: null } },
  ];
}

export type SetTeam = {
  /** Of the team if it is a new one. */
  readonly teamId: TeamId;
  readonly name: TeamName;
  readonly role: TeamRole;
  /** Undefined: as it is. */
  readonly description: string | undefined;
  readonly organization: string;
  readonly caller: Administrator;
};

/** Creates the team of that name, or brings it up to date. @throws AdminNeeded */
export function decideSetTeam(command: SetTeam, { teams }: Organization): OrganizationEvent[] {
  const { teamId, name, role, description } = command;
  const team = teamNamed(teams, name);
  if (!team) return [{ type: 'TeamCreated', data: { teamId, name, role, description: description ?? '' } }];
  const events: OrganizationEvent[] = [];
  if (description !== undefined && description !== team.description)
    events.push({ type: 'TeamDescriptionSet', data: { teamId: team.id, description } });
  if (role !== team.role) {
    refuseLosingAdmin(command, teams, team);
    events.push({ type: 'TeamRoleSet', data: { teamId: team.id, role } });
  }
  return events;
}

function refuseLosingAdmin({ caller, organization }: SetTeam, teams: Teams, team: Team): void {
  if (team.role !== 'admin' || !wouldLoseAdmin(teams, caller, team)) return;
  throw new AdminNeeded(
    `Cannot remove admin from team '${team.name}' because calling user would no longer have admin on org '${organization}'`,
  );
}

export type DeleteTeam = { readonly name: string; readonly organization: string; readonly caller: Administrator };

/** @throws TeamUnknown, AdminNeeded */
export function decideDeleteTeam(command: DeleteTeam, { teams }: Organization): OrganizationEvent[] {
  const { name, organization, caller } = command;
  const team = teamNamed(teams, name);
  if (!team) throw new TeamUnknown(name, organization);
  if (team.role === 'admin' && wouldLoseAdmin(teams, caller, team))
    throw new AdminNeeded(
      `Deleting team '${name}' would remove admin ability for user '${caller.name}' in organization '${organization}'`,
    );
  return [{ type: 'TeamDeleted', data: { teamId: team.id } }];
}

export type TakeOver = {
  /** Of the team if there has to be a new one. */
  readonly teamId: TeamId;
  readonly accountId: AccountId;
};

/** Makes somebody an administrator, whoever administers the organization now. */
export function decideTakeOver({ teamId, accountId }: TakeOver, { teams }: Organization): OrganizationEvent[] {
  if (administratorsOf(teams).has(`user:${accountId}`)) return [];
  const member = { kind: 'user', id: accountId } as const;
  const join = (id: TeamId): OrganizationEvent => ({
    type: 'MemberJoined',
    data: { teamId: id, member, inviteId: null },
  });
  const administrators = [...teams.values()].find(({ role }) => role === 'admin');
  if (administrators) return [join(administrators.id)];
  const name = teamNamed(teams, OWNERS) ? `${OWNERS}-${teamId}` : OWNERS;
  return [{ type: 'TeamCreated', data: { teamId, name, role: 'admin', description: '' } }, join(teamId)];
}
