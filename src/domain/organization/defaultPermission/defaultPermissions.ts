import type { Grantee, Role } from '../../repository/events.js';
import { granteeKey } from '../../repository/state.js';
import { DomainError } from '../../shared/errors.js';
import type { DefaultPermissionId } from '../../shared/ids.js';
import type { OrganizationEvent } from '../events.js';
import type { Organization } from '../organization.js';
import { TeamGone } from '../team/errors.js';
import type { Member } from '../team/events.js';
import { memberKey } from '../team/state.js';
import type { DefaultPermission } from './state.js';

export class DefaultPermissionUnknown extends DomainError {
  readonly code = 'default-permission-unknown';
  constructor() {
    super('there is no such default permission');
  }
}

/** @throws TeamGone */
export function decideSetDefaultPermission(command: DefaultPermission, { teams }: Organization): OrganizationEvent[] {
  const { id: permissionId, role, activatingUser, delegate } = command;
  if (delegate.kind === 'team' && ![...teams.keys()].some((id) => id === delegate.id)) throw new TeamGone();
  return [{ type: 'DefaultPermissionSet', data: { permissionId, role, activatingUser, delegate } }];
}

/** @throws DefaultPermissionUnknown */
export function decideSetDefaultRole(
  { permissionId, role }: { readonly permissionId: DefaultPermissionId; readonly role: Role },
  { defaultPermissions }: Organization,
): OrganizationEvent[] {
  const permission = defaultPermissions.get(permissionId);
  if (!permission) throw new DefaultPermissionUnknown();
  return permission.role === role ? [] : [{ type: 'DefaultPermissionRoleSet', data: { permissionId, role } }];
}

/** @throws DefaultPermissionUnknown */
export function decideRemoveDefaultPermission(
  permissionId: DefaultPermissionId,
  { defaultPermissions }: Organization,
): OrganizationEvent[] {
  if (!defaultPermissions.has(permissionId)) throw new DefaultPermissionUnknown();
  return [{ type: 'DefaultPermissionRemoved', data: { permissionId } }];
}

export type Grant = { readonly grantee: Grantee; readonly role: Role };

/**
 * What a new repository of the organization grants from its beginning. For one delegate, a rule that names the creator
 * beats one that does not; of several general ones the oldest counts, of several that name him the newest. That he
 * administers what he creates is not said here.
 */
export function grantsFor(permissions: Iterable<DefaultPermission>, creator: Member | null): readonly Grant[] {
  const key = creator && memberKey(creator);
  const grants = new Map<string, Grant>();
  for (const { role, activatingUser, delegate } of permissions) {
    const delegateKey = granteeKey(delegate);
    const applies = activatingUser ? memberKey(activatingUser) === key : !grants.has(delegateKey);
    if (applies) grants.set(delegateKey, { grantee: delegate, role });
  }
  return [...grants.values()];
}
