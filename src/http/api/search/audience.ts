import { may, type Subject } from '../../../domain/access.js';
import type { Grantee } from '../../../domain/repository/events.js';
import type { Membership } from '../../../projections/organizationQueries.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { SearchedRepository } from '../../../projections/search.js';
import type { Audience } from '../../../projections/searchQueries.js';
import type { Api } from '../api.js';

/** So many single grants are looked at one by one; who has more may see much of the organizations that gave them. */
const MOST_GRANTS = 1_000;

/** Who looks for something, and the namespaces of what he finds. */
export class Searcher {
  #granting: Promise<ReadonlySet<string>> | undefined;
  readonly #namespaces = new Map<string, Promise<NamespaceDocument | undefined>>();

  private constructor(
    private readonly api: Pick<Api, 'directory' | 'queries'>,
    readonly subject: Subject,
    /** His teams, as far as his credential lets him see them. */
    readonly memberships: readonly Membership[],
    private readonly places: Pick<Audience, 'everything' | 'namespaces' | 'repositories'>,
  ) {}

  static async of(api: Pick<Api, 'directory' | 'queries'>, subject: Subject): Promise<Searcher> {
    const { caller } = subject;
    const { policy } = api.directory;
    const nowhere = { namespaceId: '', membership: undefined };
    const everything = may(subject, { on: 'namespace', to: 'audit', there: nowhere }, policy);
    if (caller.kind === 'anonymous') {
      return new Searcher(api, subject, [], { everything, namespaces: [], repositories: [] });
    }
    const all = await api.queries.organizations.membershipsOf(`${caller.kind}:${caller.id}`);
    const seen = all.filter(({ namespaceId, role: membership }) =>
      may(subject, { on: 'team', to: 'view', there: { namespaceId, membership, inTeam: true } }, policy),
    );
    const grantees: readonly Grantee[] = [
      { kind: caller.kind, id: caller.id },
      ...all.map(({ teamId: id }): Grantee => ({ kind: 'team', id })),
    ];
    const granted = everything ? [] : await grantedTo(api, grantees);
    const owned = all.filter(({ role }) => role === 'admin' || granted === undefined);
    const namespaces = new Set(owned.map(({ namespaceId }) => namespaceId));
    if (caller.kind === 'user') namespaces.add(caller.namespaceId);
    return new Searcher(api, subject, seen, { everything, namespaces: [...namespaces], repositories: granted ?? [] });
  }

  /** His own namespace and the organizations that he administers, with this credential. */
  get administered(): readonly string[] {
    const { caller } = this.subject;
    const { policy } = this.api.directory;
    const own = caller.kind === 'user' ? [{ namespaceId: caller.namespaceId, role: undefined }] : [];
    const administered = [...own, ...this.memberships].filter(({ namespaceId, role: membership }) =>
      may(this.subject, { on: 'namespace', to: 'administer', there: { namespaceId, membership } }, policy),
    );
    return [...new Set(administered.map(({ namespaceId }) => namespaceId))];
  }

  get audience(): Audience {
    return { ...this.places, sees: (repository) => this.#sees(repository) };
  }

  /** Looked up once for each search. */
  namespace(id: string): Promise<NamespaceDocument | undefined> {
    const known = this.#namespaces.get(id) ?? this.api.queries.namespaces.byId(id);
    this.#namespaces.set(id, known);
    return known;
  }

  /** Whether there is a repository that he sees. */
  async seesSomethingIn(namespaceId: string): Promise<boolean> {
    const { repositories, search } = this.api.queries;
    const open = await repositories.inNamespaceBy('public', namespaceId, '', 1);
    if (open.documents.length > 0) return true;
    this.#granting ??= search.namespacesOf(this.places.repositories);
    if ((await this.#granting).has(namespaceId)) return true;
    const { everything, namespaces } = this.places;
    if (!everything && !namespaces.includes(namespaceId)) return false;
    return (await search.repositories({ text: '', namespaceId, audience: this.audience, limit: 1 })).length > 0;
  }

  async #sees({ id, namespaceId }: SearchedRepository): Promise<boolean> {
    const namespace = await this.namespace(namespaceId);
    if (!namespace || namespace.disabled) return false;
    const [repository] = await this.api.queries.repositories.byIds([id]);
    if (!repository) return false;
    const { directory } = this.api;
    const open = { namespaceId, visibility: repository.visibility, state: repository.state };
    const nothing = { ...open, membership: undefined, granted: undefined };
    // Most of what is found is open to everybody, which needs no further look.
    if (may(this.subject, { on: 'repository', to: 'read', there: nothing }, directory.policy)) return true;
    const there = await directory.repositoryFacts(this.subject.caller, { repository, namespace });
    return may(this.subject, { on: 'repository', to: 'read', there }, directory.policy);
  }
}

/** The repositories in which somebody was granted something; undefined if they are too many to be listed. */
async function grantedTo(
  { queries }: Pick<Api, 'queries'>,
  grantees: readonly Grantee[],
): Promise<readonly string[] | undefined> {
  const found: string[] = [];
  for (const grantee of grantees) {
    const page = await queries.repositories.grantedTo(grantee, MOST_GRANTS - found.length + 1);
    found.push(...page.documents.map(({ repositoryId }) => repositoryId));
    if (found.length > MOST_GRANTS) return undefined;
  }
  return found;
}
