import type { RepositoryState, Role, Visibility } from './repository/events.js';

/** Who asks, as far as rights go. */
export type Caller =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user';
      readonly id: string;
      readonly name: string;
      readonly namespaceId: string;
      readonly superuser: boolean;
      /** Reads everything and nothing more; wins over `superuser`. */
      readonly readOnlySuperuser: boolean;
      /** May not create anything in his own namespace. */
      readonly restricted: boolean;
    };

/** What is to be reached, and what was granted to the caller there. */
export type RepositoryFacts = {
  readonly namespaceId: string;
  readonly visibility: Visibility;
  readonly state: RepositoryState;
  readonly granted: Role | undefined;
};

/** The instance's own rules. */
export type AccessPolicy = {
  readonly anonymousAccess: boolean;
  readonly superusersFullAccess: boolean;
};

const RANK: { readonly [role in Role]: number } = { read: 1, write: 2, admin: 3 };

export const includes = (held: Role | undefined, needed: Role): boolean =>
  held !== undefined && RANK[held] >= RANK[needed];

/** The highest role from all sources, the repository's state left aside. */
export function roleIn(caller: Caller, repository: RepositoryFacts, policy: AccessPolicy): Role | undefined {
  if (caller.kind === 'anonymous') {
    return policy.anonymousAccess && repository.visibility === 'public' ? 'read' : undefined;
  }
  if (caller.namespaceId === repository.namespaceId) return 'admin';
  if (caller.superuser && !caller.readOnlySuperuser && policy.superusersFullAccess) return 'admin';
  if (repository.granted !== undefined) return repository.granted;
  return repository.visibility === 'public' || caller.readOnlySuperuser ? 'read' : undefined;
}

/** What the caller may do through the registry protocol now: writes also need a repository that takes them. */
export function registryRole(caller: Caller, repository: RepositoryFacts, policy: AccessPolicy): Role | undefined {
  const role = roleIn(caller, repository, policy);
  return role !== undefined && repository.state !== 'NORMAL' ? 'read' : role;
}

/** Whether the caller may create repositories in a namespace. */
export function mayCreateIn(caller: Caller, namespaceId: string, policy: AccessPolicy): boolean {
  if (caller.kind === 'anonymous') return false;
  if (caller.superuser && !caller.readOnlySuperuser && policy.superusersFullAccess) return true;
  return caller.namespaceId === namespaceId && !(caller.restricted && !caller.superuser);
}
