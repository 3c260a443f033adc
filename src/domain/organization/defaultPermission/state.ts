import type { Grantee, Role } from '../../repository/events.js';
import type { DefaultPermissionId } from '../../shared/ids.js';
import type { OrganizationEvent } from '../events.js';
import type { Member } from '../team/events.js';

export type DefaultPermission = {
  readonly id: DefaultPermissionId;
  readonly role: Role;
  readonly activatingUser: Member | null;
  readonly delegate: Grantee;
};

/** Oldest first. */
export type DefaultPermissions = Map<DefaultPermissionId, DefaultPermission>;

export function evolveDefaultPermissions(permissions: DefaultPermissions, event: OrganizationEvent): void {
  switch (event.type) {
    case 'DefaultPermissionSet': {
      const { permissionId: id, role, activatingUser, delegate } = event.data;
      permissions.set(id, { id, role, activatingUser, delegate });
      return;
    }
    case 'DefaultPermissionRoleSet': {
      const permission = permissions.get(event.data.permissionId);
      if (permission) permissions.set(permission.id, { ...permission, role: event.data.role });
      return;
    }
    case 'DefaultPermissionRemoved':
      permissions.delete(event.data.permissionId);
      return;
    case 'TeamDeleted':
      for (const { id, delegate } of [...permissions.values()])
        if (delegate.kind === 'team' && delegate.id === event.data.teamId) permissions.delete(id);
      return;
    default:
      return;
  }
}
