import type { AccountId, InviteId, TeamId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';

/** Whom an invite is for. The address is sealed with the key of the namespace. */
export type Invitee =
  | { readonly kind: 'user'; readonly id: string }
  /** `emailHmac`: of the lower-cased address under the instance key, as accounts have it. */
  | { readonly kind: 'email'; readonly email: Sealed; readonly emailHmac: string };

export type InviteEvents = {
  /** An accepted invite ends with `MemberJoined`. Its id is no secret: only who it is for can accept it. */
  MemberInvited: {
    readonly inviteId: InviteId;
    readonly teamId: TeamId;
    readonly invitee: Invitee;
    readonly inviter: AccountId;
  };
  InviteWithdrawn: { readonly inviteId: InviteId };
  InviteDeclined: { readonly inviteId: InviteId };
};
