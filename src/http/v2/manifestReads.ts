import { LRUCache } from 'lru-cache';
import type { Contents } from '../../commands/contents.js';
import type { ManifestMediaType } from '../../domain/manifest/mediaTypes.js';
import type { Digest } from '../../domain/shared/digest.js';
import type { Timestamp } from '../../domain/shared/time.js';
import type { Clock } from '../../ports/clock.js';
import { ContentMissing } from '../../ports/errors.js';
import type { ManifestQueries } from '../../projections/manifestQueries.js';
import type { ProjectedEvent } from '../../projections/projection.js';
import type { TagQueries } from '../../projections/tagQueries.js';
import { RepositoryCache, type Perishable } from './repositoryCache.js';

/** A manifest ready to be sent. */
export type ServableManifest = Perishable & {
  readonly digest: Digest;
  readonly mediaType: ManifestMediaType;
  readonly bytes: Uint8Array;
  /** The bytes as Latin-1, which keeps each as it is: a text goes out in one piece with the head. Small ones only. */
  readonly text: string | undefined;
  readonly etag: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
};

/** In bytes, of all answers that are kept. */
const CACHED_ANSWERS = 64 * 1024 * 1024;
const CACHED_BYTES = 32 * 1024 * 1024;
/** What an answer takes beside its manifest. */
const ANSWER_BYTES = 1_000;
/** Bodies up to here go out together with the head. */
const ONE_PIECE_BYTES = 16 * 1024;
/** Larger ones are read from the store each time. */
const CACHED_MANIFEST_BYTES = 256 * 1024;
const REMEMBERED_TAGS = 20_000;

/**
 * Manifests by tag or digest, as visible now. Bytes under a digest never change and are kept freely; which digest a tag
 * means, and whether it is visible, is kept until an event of its repository, and never past its own end.
 */
export class ManifestReads {
  readonly #references: RepositoryCache<ServableManifest>;
  readonly #bytes = new LRUCache<Digest, Uint8Array>({
    maxSize: CACHED_BYTES,
    maxEntrySize: CACHED_MANIFEST_BYTES,
    sizeCalculation: (bytes) => bytes.byteLength + 200,
  });
  /** What tags meant the last time: which manifest to read beside the tag, and nothing of what it means now. */
  readonly #meant = new LRUCache<string, Digest>({ max: REMEMBERED_TAGS });

  constructor(
    private readonly deps: {
      readonly manifests: ManifestQueries;
      readonly tags: TagQueries;
      readonly contents: Contents;
      readonly clock: Clock;
      /** Whether this process alone feeds the read models. */
      readonly cache: boolean;
      readonly counted: (hit: boolean) => void;
    },
  ) {
    this.#references = new RepositoryCache(CACHED_ANSWERS, deps.cache, ({ bytes }) => bytes.byteLength + ANSWER_BYTES);
  }

  applied(events: readonly ProjectedEvent[]): void {
    this.#references.applied(events);
  }

  /** After a content was found damaged: what is kept would hide from a client that it is to be pushed again. */
  clear(): void {
    this.#references.clear();
    this.#bytes.clear();
  }

  /** The way without waiting: what is cached and still true. */
  peek(repositoryId: string, reference: string): ServableManifest | undefined {
    const found = this.#references.peek(repositoryId, reference, this.deps.clock.now());
    this.deps.counted(found !== undefined);
    return found;
  }

  byTag(repositoryId: string, tag: string): Promise<ServableManifest | undefined> {
    const { tags, manifests, clock, cache } = this.deps;
    return this.#references.through(repositoryId, tag, async () => {
      const key = `${repositoryId}/${tag}`;
      const meant = this.#meant.get(key);
      const [found, guessed] = await Promise.all([
        tags.alive(repositoryId, tag, clock.now()),
        meant && manifests.get(repositoryId, meant),
      ]);
      if (!found) return undefined;
      const { digest, end } = found;
      if (!cache) this.#meant.set(key, digest);
      const manifest = digest === meant ? guessed : await manifests.get(repositoryId, digest);
      return manifest && servable(digest, manifest.mediaType, await this.bytes(digest), end);
    });
  }

  byDigest(repositoryId: string, digest: Digest): Promise<ServableManifest | undefined> {
    const { manifests, clock } = this.deps;
    return this.#references.through(repositoryId, digest, async () => {
      const found = await manifests.visible(repositoryId, digest, clock.now());
      if (!found) return undefined;
      return servable(digest, found.document.mediaType, await this.bytes(digest), found.until);
    });
  }

  /** The bytes of a manifest that the caller has found visible. @throws ContentMissing */
  async bytes(digest: Digest): Promise<Uint8Array> {
    const known = this.#bytes.get(digest);
    if (known) return known;
    const { contents } = this.deps;
    const content = await contents.locate(digest);
    if (!content) throw new ContentMissing(digest);
    const bytes = await contents.read(content);
    this.#bytes.set(digest, bytes);
    return bytes;
  }
}

/** @param until see `Perishable` */
export function servable(
  digest: Digest,
  mediaType: ManifestMediaType,
  bytes: Uint8Array,
  until: Timestamp | null,
): ServableManifest {
  const etag = `"${digest}"`;
  const headers = ['Content-Type', mediaType, 'Docker-Content-Digest', digest, 'ETag', etag];
  const text =
    bytes.byteLength <= ONE_PIECE_BYTES
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
      : undefined;
  return { digest, mediaType, bytes, text, etag, headers, until };
}
