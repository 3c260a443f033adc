import type { Static } from 'typebox';
import { may } from '../../../domain/access.js';
import type { FoundRepository } from '../../../projections/directory.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { RepositoryDocument } from '../../../projections/repositories.js';
import type { Api } from '../api.js';
import type { Incoming } from '../framework/call.js';
import { epochSeconds } from '../shared/dates.js';
import { listedRepository, type ListedRepositoryView } from './views.js';
import { visibleRanges } from './visible.js';

const PAGE = 100;
/** The list of starred ones is cut off, not paged (contract: repositories §1). */
const STARRED = 99;

export type Wanted = { readonly lastModified: boolean; readonly popularity: boolean };
export type VisiblePage = { readonly found: readonly FoundRepository[]; readonly next: string | undefined };

/** The lists of repositories that a caller can ask for, in the order of creation. */
export class RepositoryLists {
  constructor(private readonly api: Pick<Api, 'directory' | 'queries' | 'lastModified'>) {}

  /** What he sees in a namespace, or everywhere if it is empty. */
  async visible(
    incoming: Incoming,
    asked: { readonly namespace: string; readonly withPublic: boolean; readonly after: string },
  ): Promise<VisiblePage> {
    const { directory, queries } = this.api;
    const there = asked.namespace === '' ? undefined : await directory.namespace(asked.namespace);
    if (asked.namespace !== '' && !there) return { found: [], next: undefined };
    const ranges = await visibleRanges(this.api, incoming, there, asked.withPublic);
    const { repositories, hasMore } = await queries.repositoryListing.page(ranges, asked.after, PAGE);
    return { found: await this.#withNamespaces(repositories), next: hasMore ? repositories.at(-1)?.id : undefined };
  }

  /** Those that he starred and can still read, within the reach of his credential. */
  async starred(incoming: Incoming): Promise<readonly FoundRepository[]> {
    const { accounts, repositories } = this.api.queries;
    const { caller } = incoming.subject;
    const ids = caller.kind === 'user' ? await accounts.starredBy(caller.id) : [];
    const documents = (await repositories.byIds(ids)).filter((document) => document !== undefined);
    const readable: FoundRepository[] = [];
    for (const found of await this.#withNamespaces(documents)) {
      if (readable.length < STARRED && (await this.#mayRead(incoming, found))) readable.push(found);
    }
    return readable;
  }

  async shown(
    { subject: { caller }, now }: Incoming,
    found: readonly FoundRepository[],
    { lastModified, popularity }: Wanted,
  ): Promise<Static<typeof ListedRepositoryView>[]> {
    const { accounts, repositoryActivity } = this.api.queries;
    const stars = caller.kind === 'user' ? new Set(await accounts.starredBy(caller.id)) : undefined;
    const shown: Static<typeof ListedRepositoryView>[] = [];
    for (const each of found) {
      const { id } = each.repository;
      shown.push({
        ...listedRepository(each),
        ...(lastModified ? { last_modified: epochSeconds(await this.api.lastModified.of(id, now)) } : {}),
        ...(popularity ? { popularity: await repositoryActivity.popularity(id, now) } : {}),
        ...(stars ? { is_starred: stars.has(id) } : {}),
      });
    }
    return shown;
  }

  /** With their namespaces; those of a namespace that is disabled or on its way out are nobody's. */
  async #withNamespaces(repositories: readonly RepositoryDocument[]): Promise<FoundRepository[]> {
    const namespaces = new Map<string, NamespaceDocument>();
    for (const id of new Set(repositories.map(({ namespaceId }) => namespaceId))) {
      const namespace = await this.api.queries.namespaces.byId(id);
      if (namespace && !namespace.disabled) namespaces.set(id, namespace);
    }
    return repositories.flatMap((repository) => {
      const namespace = namespaces.get(repository.namespaceId);
      return namespace ? [{ repository, namespace }] : [];
    });
  }

  async #mayRead({ subject }: Incoming, found: FoundRepository): Promise<boolean> {
    const { directory } = this.api;
    const there = await directory.repositoryFacts(subject.caller, found);
    return may(subject, { on: 'repository', to: 'read', there }, directory.policy);
  }
}
