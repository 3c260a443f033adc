import type { AccountId, InviteId, TeamId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';

/** Whom an invite is for. The address is sealed with the key of the namespace. */
export type Invitee =
  | { readonly kind: 'user'; readonly id: string }
  | {
      readonly kind: 'email';
      readonly email: Sealed;
      /** Of the lower-cased address under the instance key, as accounts have it. */
      readonly emailHmac: string;
      /** HMAC of the code that was sent to the address: who has it can read what is sent there. The code is not kept. */
      readonly codeHmac: string;
    };

export type InviteEvents = {
  /** An accepted invite ends with `MemberJoined`. Of one for a user the id is the code: only he can accept it. */
  MemberInvited: {
    readonly inviteId: InviteId;
    readonly teamId: TeamId;
    readonly invitee: Invitee;
    readonly inviter: AccountId;
  };
  InviteWithdrawn: { readonly inviteId: InviteId };
  InviteDeclined: { readonly inviteId: InviteId };
};
