import type { Contents, Stored } from '../../commands/contents.js';
import { EMPTY_LAYER, EMPTY_LAYER_SIZE } from '../../domain/manifest/layers.js';
import type { Digest } from '../../domain/shared/digest.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import type { Clock } from '../../ports/clock.js';
import type { ManifestQueries } from '../../projections/manifestQueries.js';
import type { ProjectedEvent } from '../../projections/projection.js';
import { RepositoryCache, type Perishable } from './repositoryCache.js';

/** A blob that may be read in a repository. `content` null: the empty layer, which exists everywhere. */
export type ReadableBlob = Perishable & { readonly size: number; readonly content: Stored | null };

const CACHED = 100_000;

/**
 * Which blobs a repository may read: uploaded or mounted there and held, or named by a visible manifest. That the bytes
 * exist elsewhere is not enough (contract: registry-v2 §6).
 */
export class BlobReads {
  readonly #cache: RepositoryCache<ReadableBlob>;

  constructor(
    private readonly deps: {
      readonly manifests: ManifestQueries;
      readonly contents: Contents;
      readonly clock: Clock;
      readonly cache: boolean;
    },
  ) {
    this.#cache = new RepositoryCache(CACHED, deps.cache, () => 1);
  }

  applied(events: readonly ProjectedEvent[]): void {
    this.#cache.applied(events);
  }

  /** After a hold was ended: holds are no events. */
  forget(repositoryId: string): void {
    this.#cache.forget(repositoryId);
  }

  /** After a content was found damaged. */
  clear(): void {
    this.#cache.clear();
  }

  async find(repositoryId: RepositoryId, digest: Digest): Promise<ReadableBlob | undefined> {
    const known = this.#cache.peek(repositoryId, digest, this.deps.clock.now());
    return known ?? this.#cache.through(repositoryId, digest, () => this.#find(repositoryId, digest));
  }

  /** Whether a visible manifest names it. */
  async isNamed(repositoryId: RepositoryId, digest: Digest): Promise<boolean> {
    return (await this.deps.manifests.namedUntil(repositoryId, digest, this.deps.clock.now())) !== undefined;
  }

  async #find(repositoryId: RepositoryId, digest: Digest): Promise<ReadableBlob | undefined> {
    const { contents, manifests, clock } = this.deps;
    if (digest === EMPTY_LAYER) return { size: EMPTY_LAYER_SIZE, content: null, until: null };
    const until =
      (await contents.heldUntil(repositoryId, digest)) ??
      (await manifests.namedUntil(repositoryId, digest, clock.now()));
    if (until === undefined) return undefined;
    const content = await contents.locate(digest);
    return content && { size: content.size, content, until };
  }
}
