import type { AccountId, InviteId, TeamId } from '../../shared/ids.js';
import type { OrganizationEvent } from '../events.js';
import type { Invitee } from './events.js';

export type Invite = {
  readonly id: InviteId;
  readonly teamId: TeamId;
  /** See `inviteeKey`. */
  readonly invitee: string;
  readonly inviter: AccountId;
};

/** Those that wait for an answer, oldest first. */
export type Invites = Map<InviteId, Invite>;

export const inviteeKey = (invitee: Invitee): string =>
  invitee.kind === 'user' ? userInvitee(invitee.id) : emailInvitee(invitee.emailHmac);
export const userInvitee = (id: string): string => `user:${id}`;
export const emailInvitee = (emailHmac: string): string => `email:${emailHmac}`;

export function evolveInvites(invites: Invites, event: OrganizationEvent): void {
  switch (event.type) {
    case 'MemberInvited': {
      const { inviteId: id, teamId, invitee, inviter } = event.data;
      invites.set(id, { id, teamId, invitee: inviteeKey(invitee), inviter });
      return;
    }
    case 'InviteWithdrawn':
    case 'InviteDeclined':
      invites.delete(event.data.inviteId);
      return;
    case 'MemberJoined':
      if (event.data.inviteId !== null) invites.delete(event.data.inviteId);
      return;
    case 'TeamDeleted':
      for (const { id, teamId } of [...invites.values()]) if (teamId === event.data.teamId) invites.delete(id);
      return;
    default:
      return;
  }
}

/** Those for one invitee, to one team or to any, oldest first. */
export const invitesOf = (invites: Invites, invitee: string, teamId?: TeamId): Invite[] =>
  [...invites.values()].filter(
    (invite) => invite.invitee === invitee && (teamId === undefined || invite.teamId === teamId),
  );
