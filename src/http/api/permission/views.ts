import Type, { type Static } from 'typebox';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { TeamPermission, UserPermission } from '../../../projections/permissions.js';
import { AvatarView, type Portraits } from '../shared/portraits.js';

const RoleView = Type.Enum(['read', 'write', 'admin']);

export const UserPermissionView = Type.Object({
  role: RoleView,
  name: Type.String(),
  is_robot: Type.Boolean(),
  avatar: AvatarView,
  is_org_member: Type.Optional(Type.Boolean()),
});
export const UserPermissionsView = Type.Object({ permissions: Type.Record(Type.String(), UserPermissionView) });

export const TeamPermissionView = Type.Object({ role: RoleView, name: Type.String(), avatar: AvatarView });
export const TeamPermissionsView = Type.Object({ permissions: Type.Record(Type.String(), TeamPermissionView) });

export const OnlyRoleView = Type.Object({ role: RoleView });
export const RolesView = Type.Object({ permissions: Type.Array(OnlyRoleView) });

/** Membership is told of organizations only (contract: organizations §8). */
export async function userPermissionView(
  { grantee, role, isMember }: UserPermission,
  { kind }: Pick<NamespaceDocument, 'kind'>,
  portraits: Portraits,
): Promise<Static<typeof UserPermissionView>> {
  const avatar = grantee.kind === 'robot' ? portraits.robot(grantee) : await portraits.user(grantee.account);
  return {
    ...{ role, name: grantee.name, is_robot: grantee.kind === 'robot', avatar },
    ...(kind === 'organization' ? { is_org_member: isMember } : {}),
  };
}

export const teamPermissionView = (
  { team, role }: TeamPermission,
  portraits: Portraits,
): Static<typeof TeamPermissionView> => ({ role, name: team.name, avatar: portraits.team(team) });
