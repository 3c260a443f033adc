import { DomainError } from '../../shared/errors.js';
import type { AccountId, EventId, InviteId, TeamId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';
import type { OrganizationEvent } from '../events.js';
import type { Organization } from '../organization.js';
import { teamOf } from '../team/members.js';
import { emailInvitee, invitesOf, userInvitee } from './state.js';

/** Unknown, answered, withdrawn, or of a team that is gone: nobody needs to know which. */
export class InviteUnknown extends DomainError {
  readonly code = 'invite-unknown';
  constructor() {
    super('Invalid confirmation code.');
  }
}

export class InviteForSomebodyElse extends DomainError {
  readonly code = 'invite-for-somebody-else';
  constructor(intendedFor: string) {
    super(`This invite is intended for ${intendedFor}.\n                 Please login to that account and try again.`);
  }
}

export type InviteByEmail = {
  readonly inviteId: InviteId;
  readonly teamId: TeamId;
  readonly email: Sealed;
  readonly emailHmac: string;
  readonly codeHmac: string;
  readonly inviter: AccountId;
  /** What the sealed address is bound to. */
  readonly eventId: EventId;
};

/** Each call is a further invite. @throws TeamGone */
export function decideInviteByEmail(command: InviteByEmail, { teams }: Organization): OrganizationEvent[] {
  const { inviteId, teamId, email, emailHmac, codeHmac, inviter, eventId } = command;
  teamOf(teams, teamId);
  const invitee = { kind: 'email', email, emailHmac, codeHmac } as const;
  return [{ id: eventId, type: 'MemberInvited', data: { inviteId, teamId, invitee, inviter } }];
}

/** All that wait for the address. @throws TeamGone, InviteUnknown */
export function decideWithdrawEmail(
  { teamId, emailHmac }: { readonly teamId: TeamId; readonly emailHmac: string },
  { teams, invites }: Organization,
): OrganizationEvent[] {
  teamOf(teams, teamId);
  const waiting = invitesOf(invites, emailInvitee(emailHmac), teamId);
  if (waiting.length === 0) throw new InviteUnknown();
  return waiting.map(({ id }) => ({ type: 'InviteWithdrawn', data: { inviteId: id } }));
}

export type AnswerInvite = {
  readonly inviteId: InviteId;
  readonly accountId: AccountId;
  /** Of his address, if he has proven it. */
  readonly emailHmac: string | null;
  /** Whom the invite is for, in words: the answer to anybody else. */
  readonly intendedFor: string;
};

/**
 * He joins every team of the organization that he was invited to, in whichever way; those that he belongs to already
 * only lose their invite.
 *
 * @throws InviteUnknown, InviteForSomebodyElse
 */
export function decideAccept(command: AnswerInvite, { teams, invites }: Organization): OrganizationEvent[] {
  const { inviteId, accountId, emailHmac, intendedFor } = command;
  const invite = invites.get(inviteId);
  if (!invite) throw new InviteUnknown();
  const his = [userInvitee(accountId), ...(emailHmac === null ? [] : [emailInvitee(emailHmac)])];
  if (!his.includes(invite.invitee)) throw new InviteForSomebodyElse(intendedFor);
  const member = { kind: 'user', id: accountId } as const;
  const joined = new Set<TeamId>();
  return his
    .flatMap((invitee) => invitesOf(invites, invitee))
    .map(({ id, teamId }): OrganizationEvent => {
      if (joined.has(teamId) || teams.get(teamId)?.members.has(userInvitee(accountId)))
        return { type: 'InviteWithdrawn', data: { inviteId: id } };
      joined.add(teamId);
      return { type: 'MemberJoined', data: { teamId, member, inviteId: id } };
    });
}

/** Only who was invited by name can decline. @throws InviteUnknown */
export function decideDecline(
  { inviteId, accountId }: Pick<AnswerInvite, 'inviteId' | 'accountId'>,
  { invites }: Organization,
): OrganizationEvent[] {
  if (invites.get(inviteId)?.invitee !== userInvitee(accountId)) throw new InviteUnknown();
  return [{ type: 'InviteDeclined', data: { inviteId } }];
}
