import type { Administrator } from '../../src/domain/organization/administrators.js';
import type { OrganizationEvent } from '../../src/domain/organization/events.js';
import type { Member, TeamRole } from '../../src/domain/organization/team/events.js';
import type { Grantee, Role } from '../../src/domain/repository/events.js';
import type { AccountId, DefaultPermissionId, InviteId, TeamId } from '../../src/domain/shared/ids.js';

/** Events of one organization, as short as a test can say them. Ids are names. */

export const user = (id: string): Member => ({ kind: 'user', id });
export const robot = (id: string): Member => ({ kind: 'robot', id });
export const accountId = (id: string): AccountId => id as AccountId;
export const teamId = (id: string): TeamId => id as TeamId;
export const inviteId = (id: string): InviteId => id as InviteId;
export const permissionId = (id: string): DefaultPermissionId => id as DefaultPermissionId;

export const administrator = (id: string): Administrator => ({ id: accountId(id), name: id, superuser: false });
export const superuser = (id: string): Administrator => ({ id: accountId(id), name: id, superuser: true });

export const teamCreated = (name: string, role: TeamRole = 'member', description = ''): OrganizationEvent => ({
  type: 'TeamCreated',
  data: { teamId: teamId(name), name, role, description },
});
export const roleSet = (team: string, role: TeamRole): OrganizationEvent => ({
  type: 'TeamRoleSet',
  data: { teamId: teamId(team), role },
});
export const descriptionSet = (team: string, description: string): OrganizationEvent => ({
  type: 'TeamDescriptionSet',
  data: { teamId: teamId(team), description },
});
export const teamDeleted = (team: string): OrganizationEvent => ({
  type: 'TeamDeleted',
  data: { teamId: teamId(team) },
});
export const joined = (team: string, member: string | Member, invite: string | null = null): OrganizationEvent => ({
  type: 'MemberJoined',
  data: {
    teamId: teamId(team),
    member: typeof member === 'string' ? user(member) : member,
    inviteId: invite === null ? null : inviteId(invite),
  },
});
export const left = (
  team: string,
  member: string | Member,
  from: 'team' | 'organization' | 'end' = 'team',
): OrganizationEvent => ({
  type: 'MemberLeft',
  data: { teamId: teamId(team), member: typeof member === 'string' ? user(member) : member, from },
});
export const invited = (invite: string, team: string, invitee: string, inviter = 'ada'): OrganizationEvent => ({
  type: 'MemberInvited',
  data: {
    inviteId: inviteId(invite),
    teamId: teamId(team),
    invitee: { kind: 'user', id: invitee },
    inviter: accountId(inviter),
  },
});
export const invitedByEmail = (invite: string, team: string, hmac: string, inviter = 'ada'): OrganizationEvent => ({
  type: 'MemberInvited',
  data: {
    inviteId: inviteId(invite),
    teamId: teamId(team),
    invitee: {
      kind: 'email',
      email: { subject: 'namespace:1', box: hmac },
      emailHmac: hmac,
      codeHmac: `code of ${invite}`,
    },
    inviter: accountId(inviter),
  },
});
export const withdrawn = (invite: string): OrganizationEvent => ({
  type: 'InviteWithdrawn',
  data: { inviteId: inviteId(invite) },
});
export const declined = (invite: string): OrganizationEvent => ({
  type: 'InviteDeclined',
  data: { inviteId: inviteId(invite) },
});
export const defaultSet = (
  id: string,
  delegate: Grantee,
  role: Role,
  activatingUser: Member | null = null,
): OrganizationEvent => ({
  type: 'DefaultPermissionSet',
  data: { permissionId: permissionId(id), role, activatingUser, delegate },
});
export const defaultRoleSet = (id: string, role: Role): OrganizationEvent => ({
  type: 'DefaultPermissionRoleSet',
  data: { permissionId: permissionId(id), role },
});
export const defaultRemoved = (id: string): OrganizationEvent => ({
  type: 'DefaultPermissionRemoved',
  data: { permissionId: permissionId(id) },
});

/** An organization that `ada` founded. */
export const founded: readonly OrganizationEvent[] = [teamCreated('owners', 'admin'), joined('owners', 'ada')];
