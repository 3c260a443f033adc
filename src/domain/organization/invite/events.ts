import type { AccountId, InviteId, TeamId } from '../../shared/ids.js';
import type { Sealed } from '../../shared/sealed.js';

/** Whom an invite is for. The address is sealed with the key of the namespace. */
export type Invitee =
  | {
      /** Somebody with an account. */
      readonly kind: 'user';
      /** UUID of the account. */
      readonly id: string;
    }
  | {
      /** Whoever reads what is sent to an address. */
      readonly kind: 'email';
      /** The address that the invite was sent to. */
      readonly email: Sealed;
      /** HMAC of the lower-cased address under the instance key, as accounts have it. */
      readonly emailHmac: string;
      /** HMAC of the code that was sent to the address: who has it can read what is sent there. The code is not kept. */
      readonly codeHmac: string;
    };

export type InviteEvents = {
  /**
   * Somebody may join a team if he wants to. An accepted invite ends with `MemberJoined`. Of one for a user the id is the
   * code: only he can accept it.
   */
  MemberInvited: {
    readonly inviteId: InviteId;
    readonly teamId: TeamId;
    readonly invitee: Invitee;
    /** Who asked him. */
    readonly inviter: AccountId;
  };
  /** It cannot be accepted any more. */
  InviteWithdrawn: { readonly inviteId: InviteId };
  /** He does not want to. */
  InviteDeclined: { readonly inviteId: InviteId };
};
