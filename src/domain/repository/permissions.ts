import { DomainError } from '../shared/errors.js';
import type { Grantee, RepositoryEvent, Role } from './events.js';
import { decideGrant, decideRevoke } from './settings.js';
import { active, granteeKey, type Repository } from './state.js';

/** Whose namespace it is may do everything there, whatever is written down (contract: organizations §8). */
export class OwnerIsAdmin extends DomainError {
  readonly code = 'owner-is-admin';
  constructor() {
    super('Namespace owner must always be admin.');
  }
}

/** A robot has rights in its own namespace only. */
export class RobotElsewhere extends DomainError {
  readonly code = 'robot-elsewhere';
  constructor(robot: string, namespace: string) {
    super(`Cannot add robot ${robot} under namespace ${namespace}`, { robot, namespace });
  }
}

/** There is nothing to take away. */
export class PermissionUnknown extends DomainError {
  readonly code = 'permission-unknown';
  constructor(noun: 'User' | 'Team') {
    super(`${noun} does not have permission for repo.`);
  }
}

/** A grantee with what his permission is judged by. */
export type KnownGrantee =
  | (Grantee & { readonly kind: 'user' | 'team' })
  | (Grantee & { readonly kind: 'robot'; readonly name: string; readonly namespaceId: string });

export type RepositoryPlace = {
  readonly namespace: string;
  /** The account whose namespace it is; null for an organization. */
  readonly owner: string | null;
};

export type GrantPermission = {
  readonly grantee: KnownGrantee;
  readonly role: Role;
  readonly place: RepositoryPlace;
};

/** @throws RepositoryUnknown, OwnerIsAdmin, RobotElsewhere */
export function decideGrantPermission({ grantee, role, place }: GrantPermission, state: Repository): RepositoryEvent[] {
  const { namespaceId } = active(state);
  refuseOwner(grantee, place);
  if (grantee.kind === 'robot' && grantee.namespaceId !== namespaceId) {
    throw new RobotElsewhere(grantee.name, place.namespace);
  }
  const { kind, id } = grantee;
  return decideGrant({ kind, id }, role, state);
}

export type RevokePermission = { readonly grantee: Grantee; readonly place: RepositoryPlace };

/** @throws RepositoryUnknown, OwnerIsAdmin, PermissionUnknown */
export function decideRevokePermission({ grantee, place }: RevokePermission, state: Repository): RepositoryEvent[] {
  const { permissions } = active(state);
  refuseOwner(grantee, place);
  const { kind, id } = grantee;
  if (!permissions.has(granteeKey({ kind, id }))) throw new PermissionUnknown(kind === 'team' ? 'Team' : 'User');
  return decideRevoke({ kind, id }, state);
}

function refuseOwner({ kind, id }: Grantee, { owner }: RepositoryPlace): void {
  if (kind === 'user' && id === owner) throw new OwnerIsAdmin();
}
