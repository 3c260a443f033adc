import type { Timestamp } from '../../../domain/shared/time.js';
import type { ProjectedEvent } from '../../../projections/projection.js';
import type { TagListing } from '../../../projections/tagListing.js';
import { RepositoryCache, type Perishable } from '../../v2/repositoryCache.js';

type Known = Perishable & { readonly start: Timestamp | null };

const CACHED = 200_000;
const KEY = 'last modified';

/** When repositories got their newest living tag: the page of all repositories asks for it of each, again and again. */
export class LastModified {
  readonly #cache: RepositoryCache<Known>;

  constructor(
    private readonly tags: Pick<TagListing, 'newestAlive'>,
    /** Whether this process alone feeds the read models. */
    enabled: boolean,
  ) {
    this.#cache = new RepositoryCache(CACHED, enabled, () => 1);
  }

  applied(events: readonly ProjectedEvent[]): void {
    this.#cache.applied(events);
  }

  /** Null for a repository without a living tag. */
  async of(repositoryId: string, now: Timestamp): Promise<Timestamp | null> {
    const known =
      this.#cache.peek(repositoryId, KEY, now) ??
      (await this.#cache.through(repositoryId, KEY, async () => {
        const newest = await this.tags.newestAlive(repositoryId, now);
        return { start: newest?.start ?? null, until: newest?.end ?? null };
      }));
    return known?.start ?? null;
  }
}
