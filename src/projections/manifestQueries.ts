import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../domain/shared/digest.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection, type Lane } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import {
  CHILDREN,
  LABELS,
  manifestKey,
  MANIFESTS,
  naming,
  REFERENCES,
  type ChildrenDocument,
  type LabelsDocument,
  type ManifestDocument,
  type ReferenceDocument,
} from './manifests.js';
import type { TagQueries } from './tagQueries.js';

/** A manifest that may be read, and until when: null for without end. */
export type VisibleManifest = { readonly document: ManifestDocument; readonly until: Timestamp | null };

/** What keeps a manifest visible, and until when; null: without end. */
type Kept = { readonly end: Timestamp | null };

const BATCH = 100;

/** Pushed by then, and not deleted by then; of several deletions only the last one, if it still holds, is known. */
export const existedAt = ({ pushedAt, deletedAt, purged }: ManifestDocument, moment: Timestamp): boolean =>
  purged !== true && pushedAt <= moment && (deletedAt === undefined || deletedAt > moment);

export type ManifestCollections = {
  readonly manifests: Collection<ManifestDocument>;
  readonly references: Collection<ReferenceDocument>;
  readonly children: Collection<ChildrenDocument>;
  readonly labels: Collection<LabelsDocument>;
};

export const manifestCollections = (lane: Lane): ManifestCollections => ({
  manifests: lane.collection(MANIFESTS),
  references: lane.collection(REFERENCES),
  children: lane.collection(CHILDREN),
  labels: lane.collection(LABELS),
});

/** Until when a manifest is kept by itself, those that name it left aside. */
type Keeps = (document: ManifestDocument) => Promise<Kept | undefined>;

export class ManifestQueries {
  readonly #manifests: Collection<ManifestDocument>;

  constructor(
    private readonly collections: ManifestCollections,
    private readonly tags: TagQueries,
  ) {
    this.#manifests = collections.manifests;
  }

  get(repositoryId: string, digest: Digest): Promise<ManifestDocument | undefined> {
    return this.#manifests.get(manifestKey(repositoryId, digest));
  }

  /** In the order of the digests; undefined where there is none. */
  getMany(repositoryId: string, digests: readonly Digest[]): Promise<readonly (ManifestDocument | undefined)[]> {
    return this.#manifests.getMany(digests.map((digest) => manifestKey(repositoryId, digest)));
  }

  /** What indexes are made of, in the order of the digests; none for what is no index. */
  async children(repositoryId: string, digests: readonly Digest[]): Promise<readonly (readonly Digest[])[]> {
    const keys = digests.map((digest) => manifestKey(repositoryId, digest));
    return (await this.collections.children.getMany(keys)).map((index) => index?.children ?? []);
  }

  /** The same rule as the domain's `isVisible`: tagged, held, or child of a visible one; and not deleted since. */
  visible(repositoryId: string, digest: Digest, now: Timestamp): Promise<VisibleManifest | undefined> {
    return this.#kept(repositoryId, digest, (document) => this.#visibleUntil(document, now));
  }

  /** The same rule as the domain's `isReachable`: what a live tag leads to. */
  reachable(repositoryId: string, digest: Digest, now: Timestamp): Promise<VisibleManifest | undefined> {
    return this.#kept(repositoryId, digest, (document) => this.#taggedUntil(document, now));
  }

  /** Until when a visible manifest names the content; undefined if none does. The first one found decides. */
  async namedUntil(repositoryId: string, content: Digest, now: Timestamp): Promise<Timestamp | null | undefined> {
    const keeps: Keeps = (document) => this.#visibleUntil(document, now);
    return (await this.#namedUntil(repositoryId, content, keeps))?.end;
  }

  async #kept(repositoryId: string, digest: Digest, keeps: Keeps): Promise<VisibleManifest | undefined> {
    const document = await this.get(repositoryId, digest);
    if (!document || document.deleted) return undefined;
    const until = (await keeps(document)) ?? (await this.#namedUntil(repositoryId, digest, keeps));
    return until === undefined ? undefined : { document, until: until.end };
  }

  async #taggedUntil({ repositoryId, digest }: ManifestDocument, now: Timestamp): Promise<Kept | undefined> {
    const end = await this.tags.aliveUntil(repositoryId, digest, now);
    return end === undefined ? undefined : { end };
  }

  /** By its tags, or by the time without one that its push gave it. */
  async #visibleUntil(document: ManifestDocument, now: Timestamp): Promise<Kept | undefined> {
    const { heldUntil } = document;
    if (heldUntil === null) return { end: null };
    const tagged = await this.#taggedUntil(document, now);
    if (heldUntil === undefined || !isAlive(heldUntil, now) || tagged?.end === null) return tagged;
    return { end: tagged && tagged.end > heldUntil ? tagged.end : heldUntil };
  }

  /** Walks up to those that name the content, each once: indexes may be nested as clients like. */
  async #namedUntil(repositoryId: string, content: Digest, keeps: Keeps): Promise<Kept | undefined> {
    const contents = new Set([content]);
    // What is added while it is walked through is walked through too.
    for (const next of contents) {
      for await (const manifest of this.#naming(repositoryId, next)) {
        if (contents.has(manifest)) continue;
        const document = await this.get(repositoryId, manifest);
        if (!document || document.deleted) continue;
        const kept = await keeps(document);
        if (kept) return kept;
        contents.add(manifest);
      }
    }
    return undefined;
  }

  /** The manifests of a repository, visible or not, that name a content. */
  async *#naming(repositoryId: string, content: Digest): AsyncIterable<Digest> {
    let cursor: string | undefined;
    do {
      const query = { index: BY_KEY, equals: [], ...prefixed(naming(content, repositoryId)), limit: BATCH } as const;
      const page = await this.collections.references.find(cursor === undefined ? query : { ...query, cursor });
      for (const { manifest } of page.documents) yield manifest;
      cursor = page.cursor;
      if (cursor !== undefined) await setImmediate();
    } while (cursor !== undefined);
  }

  /** Some of the repositories in which a manifest, visible or not, names the content; each once. */
  async repositoriesNaming(content: Digest, limit: number): Promise<string[]> {
    const range = prefixed(`${content}/`);
    const { documents } = await this.collections.references.find({ index: BY_KEY, equals: [], ...range, limit });
    return [...new Set(documents.map(({ repositoryId }) => repositoryId))];
  }

  /** Whether a manifest that was there at a moment, visible or not, names the content. */
  async namedAt(repositoryId: string, content: Digest, moment: Timestamp): Promise<boolean> {
    for await (const manifest of this.#naming(repositoryId, content)) {
      const document = await this.get(repositoryId, manifest);
      if (document && existedAt(document, moment)) return true;
    }
    return false;
  }

  /** Visible manifests whose subject is the digest, in the order of their first push, after a push (exclusive). */
  async *referrers(repositoryId: string, subject: Digest, now: Timestamp, after = ''): AsyncIterable<ManifestDocument> {
    for (let from = after === '' ? '' : `${after}\0`; ;) {
      const query = { index: 'bySubject', equals: [repositoryId, subject], from, limit: BATCH } as const;
      const { documents } = await this.#manifests.find(query);
      for (const document of documents) {
        const found = await this.visible(repositoryId, document.digest, now);
        if (found) yield found.document;
      }
      const last = documents.at(-1);
      if (!last || documents.length < BATCH) return;
      from = `${last.pushed}\0`;
      await setImmediate();
    }
  }
}
