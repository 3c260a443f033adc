import Type, { type Static } from 'typebox';
import type { DefaultPermissionDocument, TeamDocument } from '../../../projections/organizations.js';
import type { Person } from '../shared/people.js';
import { AvatarView, type Portraits } from '../shared/portraits.js';

const UserInPrototype = Type.Object({
  name: Type.String(),
  is_robot: Type.Boolean(),
  kind: Type.Literal('user'),
  is_org_member: Type.Boolean(),
  avatar: AvatarView,
});

const TeamInPrototype = Type.Object({ name: Type.String(), kind: Type.Literal('team'), avatar: AvatarView });

export const PrototypeView = Type.Object({
  id: Type.String(),
  role: Type.Enum(['read', 'write', 'admin']),
  activating_user: Type.Union([UserInPrototype, Type.Null()]),
  delegate: Type.Union([UserInPrototype, TeamInPrototype]),
});

/** What default permissions of an organization name. */
export type Named = {
  readonly people: ReadonlyMap<string, Person>;
  /** By `team:<id>`. */
  readonly teams: ReadonlyMap<string, TeamDocument>;
  /** Whether a user belongs to a team of the organization. */
  readonly isMember: (key: string) => boolean;
};

/** Undefined where somebody whom it names is gone: it gives nothing to anybody then. */
export function prototypeView(
  { id, role, activatingUser, delegate }: DefaultPermissionDocument,
  named: Named,
  portraits: Portraits,
): Static<typeof PrototypeView> | undefined {
  const user = (key: string): Static<typeof UserInPrototype> | undefined => {
    const person = named.people.get(key);
    if (!person) return undefined;
    const { name, isRobot, avatar } = person;
    return { name, is_robot: isRobot, kind: 'user', is_org_member: isRobot || named.isMember(key), avatar };
  };
  const team = named.teams.get(delegate);
  const shown = team ? { name: team.name, kind: 'team' as const, avatar: portraits.team(team) } : user(delegate);
  const activating = activatingUser === null ? null : user(activatingUser);
  return shown && activating !== undefined ? { id, role, activating_user: activating, delegate: shown } : undefined;
}
