import { OwnerIsAdmin, PermissionUnknown, type RepositoryPlace } from '../../../domain/repository/permissions.js';
import type { RepositoryId } from '../../../domain/shared/ids.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { Refusals } from '../framework/endpoint.js';
import { InvalidRequest, NotFound } from '../framework/problems.js';
import type { MaybeFound } from '../framework/rules.js';

const asInvalidRequest = (error: Error): InvalidRequest => new InvalidRequest(error.message);

/** What writes refuse as problem objects (contract: organizations §8). */
export const permissionRefusals: Refusals = {
  'owner-is-admin': asInvalidRequest,
  'robot-elsewhere': asInvalidRequest,
  'permission-unknown': asInvalidRequest,
};

export const placeOf = ({ name, owner }: NamespaceDocument): RepositoryPlace => ({ namespace: name, owner });

/** Ids in documents were branded before they went into an event. */
const idIn = ({ found }: MaybeFound): RepositoryId | undefined => found?.repository.id as RepositoryId | undefined;

/** The repository in which something is to be given. @throws NotFound */
export function repositoryIn(target: MaybeFound): RepositoryId {
  const id = idIn(target);
  if (id === undefined) throw new NotFound();
  return id;
}

/** In a repository that is not there nobody has anything. @throws PermissionUnknown */
export function repositoryWith(target: MaybeFound, noun: 'User' | 'Team'): RepositoryId {
  const id = idIn(target);
  if (id === undefined) throw new PermissionUnknown(noun);
  return id;
}

/** Under the name of the namespace nobody else is found, be it an organization's. @throws OwnerIsAdmin */
export function refuseOwner(username: string, { namespace }: MaybeFound): void {
  if (username === namespace.name) throw new OwnerIsAdmin();
}
