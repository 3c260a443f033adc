import type { TeamRole } from './organization/team/events.js';
import { FULL_REACH, type Reach } from './reach.js';
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
    }
  | {
      readonly kind: 'robot';
      readonly id: string;
      /** `<namespace>+<short name>` */
      readonly name: string;
      /** Where it lives, which gives it no rights there. */
      readonly namespaceId: string;
    };

/** Who asks, and how far the credential that he showed carries his rights. */
export type Subject = { readonly caller: Caller; readonly reach: Reach };

export const ANONYMOUS: Subject = { caller: { kind: 'anonymous' }, reach: FULL_REACH };

/** A namespace, and what the caller is in its teams. */
export type NamespaceFacts = {
  readonly namespaceId: string;
  /** His highest role in a team of the organization. */
  readonly membership: TeamRole | undefined;
  /**
   * Nobody owns an organization by himself: not even who had the namespace to himself before, and whose account was
   * about to end when something broke off.
   */
  readonly isOrganization?: boolean;
};

/** A repository, and what was granted to the caller there. */
export type RepositoryFacts = NamespaceFacts & {
  readonly visibility: Visibility;
  readonly state: RepositoryState;
  /** The highest role that was given to him or to a team of his; of nobody's interest if he `administers` it anyway. */
  readonly granted: Role | undefined;
};

/** The instance's own rules. */
export type AccessPolicy = {
  readonly anonymousAccess: boolean;
  readonly superusersFullAccess: boolean;
};

/** What somebody wants to do, and where. `audit`: see what only who administers it sees. */
export type Act =
  | { readonly on: 'repository'; readonly to: Role | 'audit'; readonly there: RepositoryFacts }
  | {
      readonly on: 'namespace';
      readonly to: 'create-repository' | 'see-members' | 'administer' | 'audit';
      readonly there: NamespaceFacts;
    }
  | { readonly on: 'team'; readonly to: 'view'; readonly there: NamespaceFacts & { readonly inTeam: boolean } }
  | { readonly on: 'self'; readonly to: 'read' | 'admin' }
  | { readonly on: 'instance'; readonly to: 'inspect' | 'administer' | 'audit' };

const RANK: { readonly [role in Role]: number } = { read: 1, write: 2, admin: 3 };
const TEAM_RANK: { readonly [role in TeamRole]: number } = { member: 1, creator: 2, admin: 3 };

export const includes = (held: Role | undefined, needed: Role): boolean =>
  held !== undefined && RANK[held] >= RANK[needed];

export const highestRole = (roles: readonly Role[]): Role | undefined =>
  roles.toSorted((one, other) => RANK[other] - RANK[one])[0];

export const highestTeamRole = (roles: readonly TeamRole[]): TeamRole | undefined =>
  roles.toSorted((one, other) => TEAM_RANK[other] - TEAM_RANK[one])[0];

/** Whether the subject may do it: the one place where rights are decided (contract: conventions §5, §6). */
export function may(subject: Subject, act: Act, policy: AccessPolicy): boolean {
  switch (act.on) {
    case 'repository':
      if (act.to === 'audit') return isReader(subject) || includes(roleIn(subject, act.there, policy), 'admin');
      return includes(roleIn(subject, act.there, policy), act.to);
    case 'namespace':
      return mayInNamespace(subject, act.to, act.there, policy);
    case 'team':
      if (mayInNamespace(subject, 'audit', act.there, policy)) return true;
      return subject.caller.kind !== 'anonymous' && act.there.inTeam && subject.reach.organization !== undefined;
    case 'self':
      return subject.caller.kind === 'user' && (subject.reach.user === 'admin' || subject.reach.user === act.to);
    case 'instance':
      if (act.to === 'audit') return isReader(subject) || hasFullAccess(subject, policy);
      return isSuperuser(subject) || (act.to === 'inspect' && isReader(subject));
  }
}

function mayInNamespace(
  subject: Subject,
  to: Extract<Act, { on: 'namespace' }>['to'],
  there: NamespaceFacts,
  policy: AccessPolicy,
): boolean {
  const { caller, reach } = subject;
  if (caller.kind === 'anonymous') return false;
  if (hasFullAccess(subject, policy)) return true;
  if ((to === 'audit' || to === 'see-members') && isReader(subject)) return true;
  if (reach.organization === undefined) return false;
  const { membership } = there;
  const own = isOwn(caller, there);
  switch (to) {
    case 'see-members':
      return own || membership !== undefined;
    case 'create-repository':
      if (own) return !caller.restricted || caller.superuser;
      return membership === 'creator' || membership === 'admin';
    case 'administer':
    case 'audit':
      return reach.organization === 'admin' && (own || membership === 'admin');
  }
}

/** The highest role from all sources, within the reach of the credential; the repository's state left aside. */
export function roleIn(subject: Subject, repository: RepositoryFacts, policy: AccessPolicy): Role | undefined {
  const { caller, reach } = subject;
  const open = repository.visibility === 'public';
  if (caller.kind === 'anonymous') return policy.anonymousAccess && open ? 'read' : undefined;
  if (hasFullAccess(subject, policy)) return 'admin';
  const held = lower(ownRole(caller, repository), reach.repository);
  return held ?? (open || isReader(subject) ? 'read' : undefined);
}

const isOwn = (
  caller: Caller,
  { namespaceId, isOrganization = false }: NamespaceFacts,
): caller is Extract<Caller, { kind: 'user' }> =>
  caller.kind === 'user' && !isOrganization && caller.namespaceId === namespaceId;

/** Whether he has every right there by where the repository is: what was granted to him in it adds nothing. */
export const administers = (caller: Caller, there: NamespaceFacts): boolean =>
  isOwn(caller, there) || there.membership === 'admin';

const ownRole = (caller: Caller, repository: RepositoryFacts): Role | undefined =>
  administers(caller, repository) ? 'admin' : repository.granted;

const lower = (one: Role | undefined, other: Role | undefined): Role | undefined =>
  one && other && (RANK[one] < RANK[other] ? one : other);

/** What the subject may do through the registry protocol now: writes also need a repository that takes them. */
export function registryRole(subject: Subject, repository: RepositoryFacts, policy: AccessPolicy): Role | undefined {
  const role = roleIn(subject, repository, policy);
  return role !== undefined && repository.state !== 'NORMAL' ? 'read' : role;
}

const isSuperuser = ({ caller, reach }: Subject): boolean =>
  caller.kind === 'user' && caller.superuser && !caller.readOnlySuperuser && reach.superuser;

/** Global read-only superusers pass their checks with any token, whatever its scopes (conventions §5). */
const isReader = ({ caller }: Subject): boolean => caller.kind === 'user' && caller.readOnlySuperuser;

const hasFullAccess = (subject: Subject, policy: AccessPolicy): boolean =>
  policy.superusersFullAccess && isSuperuser(subject);

/** The subject as if he were no superuser: what he may not do then, he does as one. */
export const withoutPrivilege = ({ caller, reach }: Subject): Subject =>
  caller.kind === 'user'
    ? { caller: { ...caller, superuser: false, readOnlySuperuser: false }, reach }
    : { caller, reach };
