import type { Grantee, Role } from '../../repository/events.js';
import type { DefaultPermissionId } from '../../shared/ids.js';
import type { Member } from '../team/events.js';

export type DefaultPermissionEvents = {
  /** Whoever creates a repository (`activatingUser` null), or that one: `delegate` gets the role in it. */
  DefaultPermissionSet: {
    readonly permissionId: DefaultPermissionId;
    readonly role: Role;
    readonly activatingUser: Member | null;
    readonly delegate: Grantee;
  };
  DefaultPermissionRoleSet: { readonly permissionId: DefaultPermissionId; readonly role: Role };
  DefaultPermissionRemoved: { readonly permissionId: DefaultPermissionId };
};
