import type { InviteId, TeamId } from '../../shared/ids.js';

/** What membership gives: `creator` may create repositories, `admin` administers the organization with all it has. */
export type TeamRole = 'member' | 'creator' | 'admin';

/** Who can belong to a team. Ids, never names: a rename changes nobody's rights. */
export type Member = {
  /** Which of them. */
  readonly kind: 'user' | 'robot';
  /** UUID of the account or the robot. */
  readonly id: string;
};

export type TeamEvents = {
  /** A group of an organization's people. */
  TeamCreated: {
    readonly teamId: TeamId;
    /** One of its own in the organization. */
    readonly name: string;
    readonly role: TeamRole;
    /** Markdown. */
    readonly description: string;
  };
  /** Its members may do more in the organization, or less. */
  TeamRoleSet: { readonly teamId: TeamId; readonly role: TeamRole };
  /** It is described in other words. */
  TeamDescriptionSet: {
    readonly teamId: TeamId;
    /** Markdown. */
    readonly description: string;
  };
  /** Its members, invites and the default permissions that name it end with it. */
  TeamDeleted: { readonly teamId: TeamId };
  /** Somebody belongs to a team. */
  MemberJoined: {
    readonly teamId: TeamId;
    readonly member: Member;
    /** The invite that was accepted, which ends with it; null: somebody added him. */
    readonly inviteId: InviteId | null;
  };
  /** Somebody belongs to a team no longer. */
  MemberLeft: {
    readonly teamId: TeamId;
    readonly member: Member;
    /** `organization`: he left all of its teams at once. `end`: he is no more. Usage logs tell of `team` only. */
    readonly from: 'team' | 'organization' | 'end';
  };
};
