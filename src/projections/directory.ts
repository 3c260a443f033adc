import { includes, registryRole, type AccessPolicy, type Caller, type RepositoryFacts } from '../domain/access.js';
import type { Role } from '../domain/repository/events.js';
import type { AccountDocument, AccountQueries } from './accounts.js';
import type { NamespaceDocument, NamespaceQueries } from './namespaces.js';
import type { ProjectedEvent } from './projection.js';
import type { RepositoryDocument, RepositoryQueries } from './repositories.js';

/** A repository with its namespace, as found by name. */
export type FoundRepository = { readonly repository: RepositoryDocument; readonly namespace: NamespaceDocument };

export type SuperuserNames = { readonly superusers: ReadonlySet<string>; readonly readOnly: ReadonlySet<string> };

export type DirectoryOptions = {
  readonly accounts: AccountQueries;
  readonly namespaces: NamespaceQueries;
  readonly repositories: RepositoryQueries;
  readonly policy: AccessPolicy;
  /** Names from the configuration (SUPER_USERS, GLOBAL_READONLY_SUPER_USERS). */
  readonly names: SuperuserNames;
  /** Whether a user may create nothing in his own namespace (FEATURE_RESTRICTED_USERS and its whitelist). */
  readonly isRestricted: (name: string) => boolean;
  /** Whether this process alone feeds the read models: only then may answers be kept. */
  readonly cache: boolean;
};

/** An account that may act, and the generation of its password. */
export type ActiveCaller = { readonly caller: Extract<Caller, { kind: 'user' }>; readonly passwordGeneration: number };

const BOUND = 50_000;

/**
 * Who is who and who may do what, for every request: kept in memory until an event changes it. An answer read before a
 * change is never kept after it.
 */
export class Directory {
  readonly #callers = new Map<string, ActiveCaller>();
  readonly #repositories = new Map<string, FoundRepository>();
  readonly #paths = new Map<string, Set<string>>();
  readonly #roles = new Map<string, Map<string, Role | null>>();
  #changes = 0;

  constructor(private readonly options: DirectoryOptions) {}

  get policy(): AccessPolicy {
    return this.options.policy;
  }

  /** Forgets what an event made untrue; called before anybody who waits for the event goes on. */
  applied(events: readonly ProjectedEvent[]): void {
    for (const { type, streamId, stream } of events) {
      if (stream.startsWith('account-'))
        this.#forget(() => {
          this.#forgetCaller(streamId);
        });
      else if (stream.startsWith('namespace-'))
        this.#forget(() => {
          this.#clear();
        });
      else if (ACCESS_EVENTS.has(type))
        this.#forget(() => {
          this.#forgetRepository(streamId);
        });
    }
  }

  /** The account if it exists and is not disabled. */
  peekCaller(accountId: string): ActiveCaller | undefined {
    return this.#callers.get(accountId);
  }

  async caller(accountId: string): Promise<ActiveCaller | undefined> {
    const known = this.#callers.get(accountId);
    if (known) return known;
    const before = this.#changes;
    const account = await this.options.accounts.byId(accountId);
    if (!account || account.disabled) return undefined;
    const found = { caller: this.callerOf(account), passwordGeneration: account.passwordGeneration };
    this.#keep(before, () => this.#callers.set(accountId, found));
    return found;
  }

  callerOf(account: AccountDocument): Extract<Caller, { kind: 'user' }> {
    const { names, isRestricted } = this.options;
    const { id, name, namespaceId } = account;
    const readOnlySuperuser = names.readOnly.has(name);
    const superuser = !readOnlySuperuser && (account.superuser || names.superusers.has(name));
    return { kind: 'user', id, name, namespaceId, superuser, readOnlySuperuser, restricted: isRestricted(name) };
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
    const namespace = await this.namespace(namespaceName);
    const repository = namespace && (await this.options.repositories.byName(namespace.id, name));
    if (!repository) return undefined;
    const found = { repository, namespace };
    this.#keep(before, () => {
      this.#repositories.set(path, found);
      const paths = this.#paths.get(repository.id) ?? new Set<string>();
      this.#paths.set(repository.id, paths.add(path));
    });
    return found;
  }

  /** What the caller may do there now; `null` in the cache stands for nothing. */
  peekRole(caller: Caller, repositoryId: string): Role | null | undefined {
    return this.#roles.get(repositoryId)?.get(callerKey(caller));
  }

  async role(caller: Caller, { repository, namespace }: FoundRepository): Promise<Role | undefined> {
    const known = this.peekRole(caller, repository.id);
    if (known !== undefined) return known ?? undefined;
    const before = this.#changes;
    const granted =
      caller.kind === 'user'
        ? await this.options.repositories.roleOf(repository.id, { kind: 'user', id: caller.id })
        : undefined;
    const { visibility, state } = repository;
    const facts: RepositoryFacts = { namespaceId: namespace.id, visibility, state, granted };
    const role = namespace.disabled ? undefined : registryRole(caller, facts, this.options.policy);
    this.#keep(before, () => {
      const roles = this.#roles.get(repository.id) ?? new Map<string, Role | null>();
      this.#roles.set(repository.id, roles.set(callerKey(caller), role ?? null));
    });
    return role;
  }

  /** Whether the caller may write there only because he is a superuser. */
  async actsAsSuperuser(caller: Caller, { repository, namespace }: FoundRepository): Promise<boolean> {
    if (caller.kind === 'anonymous' || !caller.superuser || caller.namespaceId === namespace.id) return false;
    return !includes(await this.options.repositories.roleOf(repository.id, { kind: 'user', id: caller.id }), 'write');
  }

  #keep(changesBefore: number, keep: () => void): void {
    if (!this.options.cache || changesBefore !== this.#changes) return;
    if (this.#repositories.size + this.#callers.size + this.#roles.size > BOUND) this.#clear();
    keep();
  }

  #forget(forget: () => void): void {
    this.#changes++;
    forget();
  }

  /** Who becomes a superuser, or ceases to be one, has other roles everywhere. */
  #forgetCaller(id: string): void {
    this.#callers.delete(id);
    this.#roles.clear();
  }

  #forgetRepository(id: string): void {
    for (const path of this.#paths.get(id) ?? []) this.#repositories.delete(path);
    this.#paths.delete(id);
    this.#roles.delete(id);
  }

  #clear(): void {
    this.#callers.clear();
    this.#repositories.clear();
    this.#paths.clear();
    this.#roles.clear();
  }
}

const callerKey = (caller: Caller): string => (caller.kind === 'user' ? caller.id : '');

const ACCESS_EVENTS: ReadonlySet<string> = new Set([
  'RepositoryCreated',
  'RepositoryDeleted',
  'VisibilityChanged',
  'StateChanged',
  'PermissionGranted',
  'PermissionRevoked',
]);
