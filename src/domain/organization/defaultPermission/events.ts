import type { Grantee, Role } from '../../repository/events.js';
import type { DefaultPermissionId } from '../../shared/ids.js';
import type { Member } from '../team/events.js';

export type DefaultPermissionEvents = {
  /** Whoever gets a role in each repository that will be created. */
  DefaultPermissionSet: {
    readonly permissionId: DefaultPermissionId;
    readonly role: Role;
    /** Only in repositories that this one creates; null: whoever does. */
    readonly activatingUser: Member | null;
    /** Who gets the role. */
    readonly delegate: Grantee;
  };
  /** It gives another role from now on. */
  DefaultPermissionRoleSet: { readonly permissionId: DefaultPermissionId; readonly role: Role };
  /** It gives nothing any more. What it gave stays. */
  DefaultPermissionRemoved: { readonly permissionId: DefaultPermissionId };
};
