import { LRUCache } from 'lru-cache';
import {
  administers,
  highestRole,
  highestTeamRole,
  may,
  registryRole,
  withoutPrivilege,
  type AccessPolicy,
  type Caller,
  type NamespaceFacts,
  type RepositoryFacts,
  type Subject,
} from '../domain/access.js';
import { FULL_REACH } from '../domain/reach.js';
import type { Grantee, Role } from '../domain/repository/events.js';
import type { NamespaceDocument, NamespaceQueries } from './namespaces.js';
import type { OrganizationQueries } from './organizationQueries.js';
import type { ProjectedEvent } from './projection.js';
import type { RepositoryDocument, RepositoryQueries } from './repositories.js';

/** A repository with its namespace, as found by name. */
export type FoundRepository = { readonly repository: RepositoryDocument; readonly namespace: NamespaceDocument };

export type DirectoryOptions = {
  readonly namespaces: Pick<NamespaceQueries, 'byId' | 'byName'>;
  readonly repositories: Pick<RepositoryQueries, 'byId' | 'byName' | 'rolesOf'>;
  readonly organizations: Pick<OrganizationQueries, 'memberships'>;
  readonly policy: AccessPolicy;
  /** Whether this process alone feeds the read models: only then may answers be kept. */
  readonly cache: boolean;
};

const BOUND = 50_000;
const REMEMBERED_PLACES = 10_000;

/** Where a path led the last time. */
type Place = Pick<RepositoryDocument, 'id' | 'namespaceId'>;

/**
 * What there is and who may do what with it, for every request: kept in memory until an event changes it. An answer
 * read before a change is never kept after it.
 */
export class Directory {
  readonly #repositories = new Map<string, FoundRepository>();
  readonly #paths = new Map<string, Set<string>>();
  readonly #roles = new Map<string, Map<string, Role | null>>();
  /** Says where to look, and never what is there: where answers are not kept, both documents are read each time. */
  readonly #places = new LRUCache<string, Place>({ max: REMEMBERED_PLACES });
  /** In all repositories, as one that everybody pulls has one for everybody. */
  #roleCount = 0;
  #changes = 0;

  constructor(private readonly options: DirectoryOptions) {}

  get policy(): AccessPolicy {
    return this.options.policy;
  }

  /** Forgets what an event made untrue; called before anybody who waits for the event goes on. */
  applied(events: readonly ProjectedEvent[]): void {
    for (const { type, streamId, stream } of events) {
      if (stream.startsWith('namespace-')) this.#clear();
      else if (PERSON_EVENTS.has(type) || MEMBERSHIP_EVENTS.has(type)) this.#forgetRoles();
      else if (ACCESS_EVENTS.has(type)) this.#forgetRepository(streamId);
    }
  }

  namespace(name: string): Promise<NamespaceDocument | undefined> {
    return this.options.namespaces.byName(name);
  }

  peekRepository(path: string): FoundRepository | undefined {
    return this.#repositories.get(path);
  }

  async repository(namespaceName: string, name: string): Promise<FoundRepository | undefined> {
    const path = `${namespaceName}/${name}`;
    const known = this.#repositories.get(path);
    if (known) return known;
    const before = this.#changes;
    const found = (await this.#findAgain(path, namespaceName, name)) ?? (await this.#find(path, namespaceName, name));
    if (!found) return undefined;
    const { repository } = found;
    this.#keep(before, () => {
      this.#repositories.set(path, found);
      const paths = this.#paths.get(repository.id) ?? new Set<string>();
      this.#paths.set(repository.id, paths.add(path));
    });
    return found;
  }

  /** Looks where the path led the last time: both at once, and only if they bear these names now. */
  async #findAgain(path: string, namespaceName: string, name: string): Promise<FoundRepository | undefined> {
    const { namespaces, repositories } = this.options;
    const place = this.#places.get(path);
    if (!place) return undefined;
    const [namespace, repository] = await Promise.all([
      namespaces.byId(place.namespaceId),
      repositories.byId(place.id),
    ]);
    const isThere =
      namespace?.name === namespaceName && repository?.namespaceId === namespace.id && repository.name === name;
    return isThere ? { repository, namespace } : undefined;
  }

  async #find(path: string, namespaceName: string, name: string): Promise<FoundRepository | undefined> {
    const namespace = await this.namespace(namespaceName);
    const repository = namespace && (await this.options.repositories.byName(namespace.id, name));
    if (!repository) return undefined;
    const { id, namespaceId } = repository;
    if (!this.options.cache) this.#places.set(path, { id, namespaceId });
    return { repository, namespace };
  }

  /** What the subject may do through the registry protocol now; `null` stands for nothing. */
  peekRole(subject: Subject, repositoryId: string): Role | null | undefined {
    return this.#roles.get(repositoryId)?.get(subjectKey(subject));
  }

  async role(subject: Subject, found: FoundRepository): Promise<Role | undefined> {
    const { id } = found.repository;
    const known = this.peekRole(subject, id);
    if (known !== undefined) return known ?? undefined;
    const before = this.#changes;
    const facts = await this.repositoryFacts(subject.caller, found);
    const role = found.namespace.disabled ? undefined : registryRole(subject, facts, this.options.policy);
    this.#keep(before, () => {
      const roles = this.#roles.get(id) ?? new Map<string, Role | null>();
      this.#roles.set(id, roles.set(subjectKey(subject), role ?? null));
      this.#roleCount++;
    });
    return role;
  }

  /** What the caller is in a namespace. */
  async namespaceFacts(caller: Caller, { id, kind }: NamespaceDocument): Promise<NamespaceFacts> {
    const memberships = kind === 'organization' ? await this.#memberships(caller, id) : [];
    const membership = highestTeamRole(memberships.map(({ role }) => role));
    return { namespaceId: id, membership, isOrganization: kind === 'organization' };
  }

  /** What was granted to the caller in a repository: to himself and to his teams. */
  async repositoryFacts(caller: Caller, { repository, namespace }: FoundRepository): Promise<RepositoryFacts> {
    const { visibility, state } = repository;
    const isOrganization = namespace.kind === 'organization';
    const facts = { namespaceId: namespace.id, visibility, state, isOrganization };
    if (caller.kind === 'anonymous') return { ...facts, membership: undefined, granted: undefined };
    const memberships = isOrganization ? await this.#memberships(caller, namespace.id) : [];
    const there = { ...facts, membership: highestTeamRole(memberships.map(({ role }) => role)) };
    if (administers(caller, there)) return { ...there, granted: undefined };
    const grantees: Grantee[] = memberships.map(({ teamId: id }) => ({ kind: 'team', id }));
    grantees.push({ kind: caller.kind, id: caller.id });
    return { ...there, granted: highestRole(await this.options.repositories.rolesOf(repository.id, grantees)) };
  }

  /** Whether the subject may create repositories in a namespace. */
  async mayCreateIn(subject: Subject, namespace: NamespaceDocument): Promise<boolean> {
    const there = await this.namespaceFacts(subject.caller, namespace);
    return may(subject, { on: 'namespace', to: 'create-repository', there }, this.policy);
  }

  /** Whether the subject may write there only because he is a superuser. */
  async actsAsSuperuser(subject: Subject, found: FoundRepository): Promise<boolean> {
    if (subject.caller.kind !== 'user' || !subject.caller.superuser) return false;
    const there = await this.repositoryFacts(subject.caller, found);
    return !may(withoutPrivilege(subject), { on: 'repository', to: 'write', there }, this.policy);
  }

  async #memberships(caller: Caller, namespaceId: string) {
    if (caller.kind === 'anonymous') return [];
    return this.options.organizations.memberships(`${caller.kind}:${caller.id}`, namespaceId);
  }

  #keep(changesBefore: number, keep: () => void): void {
    if (!this.options.cache || changesBefore !== this.#changes) return;
    if (this.#repositories.size + this.#roleCount > BOUND) this.#clear();
    keep();
  }

  /** Who becomes a superuser, or joins a team, has other roles everywhere. */
  #forgetRoles(): void {
    this.#changes++;
    this.#roles.clear();
    this.#roleCount = 0;
  }

  #forgetRepository(id: string): void {
    this.#changes++;
    for (const path of this.#paths.get(id) ?? []) this.#repositories.delete(path);
    this.#paths.delete(id);
    this.#roleCount -= this.#roles.get(id)?.size ?? 0;
    this.#roles.delete(id);
  }

  #clear(): void {
    this.#changes++;
    this.#repositories.clear();
    this.#paths.clear();
    this.#roles.clear();
    this.#roleCount = 0;
  }
}

/** Roles are kept for each reach: a token may carry less than its owner has. */
function subjectKey({ caller, reach }: Subject): string {
  if (caller.kind === 'anonymous') return '';
  const who = caller.kind === 'user' ? caller.id : `robot:${caller.id}`;
  return reach === FULL_REACH ? who : `${who} ${String(reach.repository)} ${String(reach.superuser)}`;
}

const ACCESS_EVENTS: ReadonlySet<string> = new Set([
  ...['RepositoryCreated', 'RepositoryDeleted', 'VisibilityChanged', 'StateChanged', 'DescriptionSet'],
  ...['PermissionGranted', 'PermissionRevoked'],
]);
const MEMBERSHIP_EVENTS: ReadonlySet<string> = new Set(['MemberJoined', 'MemberLeft', 'TeamRoleSet', 'TeamDeleted']);
const PERSON_EVENTS: ReadonlySet<string> = new Set([
  ...['SuperuserGranted', 'SuperuserRevoked', 'AccountRenamed', 'AccountConverted', 'AccountDeleted'],
]);
