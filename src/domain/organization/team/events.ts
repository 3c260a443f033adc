import type { InviteId, TeamId } from '../../shared/ids.js';

/** What membership gives: `creator` may create repositories, `admin` administers the organization with all it has. */
export type TeamRole = 'member' | 'creator' | 'admin';

/** Who can belong to a team. Ids, never names: a rename changes nobody's rights. */
export type Member = { readonly kind: 'user' | 'robot'; readonly id: string };

export type TeamEvents = {
  TeamCreated: {
    readonly teamId: TeamId;
    readonly name: string;
    readonly role: TeamRole;
    /** Markdown. */
    readonly description: string;
  };
  TeamRoleSet: { readonly teamId: TeamId; readonly role: TeamRole };
  TeamDescriptionSet: { readonly teamId: TeamId; readonly description: string };
  /** Its members, invites and the default permissions that name it end with it. */
  TeamDeleted: { readonly teamId: TeamId };
  /** `inviteId`: the invite that was accepted, which ends with it; null: somebody added him. */
  MemberJoined: { readonly teamId: TeamId; readonly member: Member; readonly inviteId: InviteId | null };
  MemberLeft: {
    readonly teamId: TeamId;
    readonly member: Member;
    /** `organization`: he left all of its teams at once. `end`: he is no more. Usage logs tell of `team` only. */
    readonly from: 'team' | 'organization' | 'end';
  };
};
