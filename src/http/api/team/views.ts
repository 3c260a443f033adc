import Type, { type Static } from 'typebox';
import type { TeamDocument } from '../../../projections/organizations.js';
import type { Person } from '../shared/people.js';
import { AvatarView, type Portraits } from '../shared/portraits.js';

export const TeamView = Type.Object({
  name: Type.String(),
  description: Type.String(),
  can_view: Type.Boolean(),
  role: Type.Enum(['member', 'creator', 'admin']),
  avatar: AvatarView,
  new_team: Type.Boolean(),
});

/** As who administers the organization sees it. */
export const teamView = (team: TeamDocument, isNew: boolean, portraits: Portraits): Static<typeof TeamView> => ({
  ...{ name: team.name, description: team.description, can_view: true, role: team.role },
  ...{ avatar: portraits.team(team), new_team: isNew },
});

export const TeamMemberView = Type.Object({
  name: Type.String(),
  kind: Type.Literal('user'),
  is_robot: Type.Boolean(),
  avatar: AvatarView,
  invited: Type.Boolean(),
});

export const teamMemberView = ({ name, isRobot, avatar }: Person, invited: boolean): Static<typeof TeamMemberView> => ({
  name,
  kind: 'user',
  is_robot: isRobot,
  avatar,
  invited,
});

export const EmailInviteView = Type.Object({
  email: Type.String(),
  kind: Type.Literal('invite'),
  avatar: AvatarView,
  invited: Type.Literal(true),
});

export const emailInviteView = (email: string, portraits: Portraits): Static<typeof EmailInviteView> => ({
  ...{ email, kind: 'invite', avatar: portraits.address(email), invited: true },
});

export const TeamMembersView = Type.Object({
  name: Type.String(),
  members: Type.Array(Type.Union([TeamMemberView, EmailInviteView])),
  can_edit: Type.Boolean(),
});

export const TeamPermissionsView = Type.Object({
  permissions: Type.Array(
    Type.Object({
      repository: Type.Object({ name: Type.String(), is_public: Type.Boolean() }),
      role: Type.Enum(['read', 'write', 'admin']),
    }),
  ),
});
