import type { AccountId, InviteId, TeamId } from '../../shared/ids.js';
import { granteeKey } from '../../repository/state.js';
import { administratorsOf, wouldLoseAdmin, type Administrator } from '../administrators.js';
import type { OrganizationEvent } from '../events.js';
import { invitesOf, userInvitee } from '../invite/state.js';
import type { Organization } from '../organization.js';
import { AdminNeeded, AlreadyMember, NotMember, TeamGone } from './errors.js';
import type { Member } from './events.js';
import { memberKey, teamsOf, type Team, type Teams } from './state.js';

/** @throws TeamGone */
export function teamOf(teams: Teams, id: TeamId): Team {
  const team = teams.get(id);
  if (!team) throw new TeamGone();
  return team;
}

export type AddMember = {
  readonly teamId: TeamId;
  readonly member: Member;
  readonly name: string;
  /** Of the invite, if there must be one. */
  readonly inviteId: InviteId;
  readonly inviter: AccountId;
  /** Whether people who are new to the organization have to agree. */
  readonly byInvitation: boolean;
};

/**
 * Adds somebody to a team, or invites him. Who belongs to any team of the organization, and its robots, need not agree.
 * An invite that waits already is not made a second time.
 *
 * @throws TeamGone, AlreadyMember
 */
export function decideAddMember(command: AddMember, { teams, invites }: Organization): OrganizationEvent[] {
  const { teamId, member, name, inviteId, inviter, byInvitation } = command;
  const team = teamOf(teams, teamId);
  if (team.members.has(memberKey(member))) throw new AlreadyMember(name, team.name);
  const waiting = invitesOf(invites, userInvitee(member.id), teamId);
  if (byInvitation && member.kind === 'user' && teamsOf(teams, member).length === 0) {
    if (waiting.length > 0) return [];
    const invitee = { kind: 'user', id: member.id } as const;
    return [{ type: 'MemberInvited', data: { inviteId, teamId, invitee, inviter } }];
  }
  return [
    { type: 'MemberJoined', data: { teamId, member, inviteId: null } },
    ...waiting.map(({ id }): OrganizationEvent => ({ type: 'InviteWithdrawn', data: { inviteId: id } })),
  ];
}

export type RemoveMember = {
  readonly teamId: TeamId;
  readonly member: Member;
  readonly name: string;
  readonly caller: Administrator;
};

/** Withdraws the invites that wait; without any, ends the membership. @throws TeamGone, NotMember, AdminNeeded */
export function decideRemoveMember(command: RemoveMember, { teams, invites }: Organization): OrganizationEvent[] {
  const { teamId, member, name } = command;
  const team = teamOf(teams, teamId);
  const waiting = member.kind === 'user' ? invitesOf(invites, userInvitee(member.id), teamId) : [];
  if (waiting.length > 0)
    return waiting.map(({ id }): OrganizationEvent => ({ type: 'InviteWithdrawn', data: { inviteId: id } }));
  if (!team.members.has(memberKey(member))) throw new NotMember(name, team.name);
  if (team.role === 'admin') refuseLosingAdmin(command, teams, team);
  return [{ type: 'MemberLeft', data: { teamId, member, from: 'team' } }];
}

/** Who takes somebody else's membership keeps his own, unless he has none to keep. */
function refuseLosingAdmin({ member, caller }: RemoveMember, teams: Teams, team: Team): void {
  const removesHimself = member.kind === 'user' && member.id === caller.id;
  if (removesHimself && wouldLoseAdmin(teams, caller, team))
    throw new AdminNeeded('User cannot remove themselves from their only admin team.');
  if (!caller.superuser && !administratorsOf(teams).has(userInvitee(caller.id)))
    throw new AdminNeeded('You do not administer this organization any more.');
}

/** Ends all that somebody is in the organization. @throws AdminNeeded */
export function decideLeave(member: Member, { teams }: Organization): OrganizationEvent[] {
  const administrators = administratorsOf(teams);
  if (administrators.size === 1 && administrators.has(memberKey(member)))
    throw new AdminNeeded('Cannot remove user as they are the only organization admin');
  return teamsOf(teams, member).map(({ id: teamId }): OrganizationEvent => {
    return { type: 'MemberLeft', data: { teamId, member, from: 'organization' } };
  });
}

/** Forgets somebody who is no more: his memberships, the invites for him, the default permissions that name him. */
export function decideForget(member: Member, organization: Organization): OrganizationEvent[] {
  const { teams, invites, defaultPermissions } = organization;
  const key = memberKey(member);
  const events: OrganizationEvent[] = teamsOf(teams, member).map(({ id: teamId }) => {
    return { type: 'MemberLeft', data: { teamId, member, from: 'end' } };
  });
  for (const { id } of invitesOf(invites, key)) events.push({ type: 'InviteWithdrawn', data: { inviteId: id } });
  for (const { id, activatingUser, delegate } of defaultPermissions.values())
    if ((activatingUser && memberKey(activatingUser) === key) || granteeKey(delegate) === key)
      events.push({ type: 'DefaultPermissionRemoved', data: { permissionId: id } });
  return events;
}
