import Type, { type Static } from 'typebox';
import type { TeamDocument } from '../../../projections/organizations.js';
import type { Person } from '../shared/people.js';
import { AvatarView, type Portraits } from '../shared/portraits.js';

const MemberTeam = Type.Object({ name: Type.String(), avatar: AvatarView });

export const MemberView = Type.Object({
  name: Type.String(),
  kind: Type.Enum(['user', 'robot']),
  avatar: AvatarView,
  teams: Type.Array(MemberTeam),
  repositories: Type.Array(Type.String()),
});

export const CollaboratorView = Type.Object({
  kind: Type.Literal('user'),
  name: Type.String(),
  avatar: AvatarView,
  repositories: Type.Array(Type.String()),
});

export const memberView = (
  { name, isRobot, avatar }: Person,
  teams: readonly TeamDocument[],
  repositories: readonly string[],
  portraits: Portraits,
): Static<typeof MemberView> => ({
  ...{ name, kind: isRobot ? 'robot' : 'user', avatar },
  teams: teams.map((team) => ({ name: team.name, avatar: portraits.team(team) })),
  repositories: [...repositories],
});
