import { setImmediate } from 'node:timers/promises';
import type { ManifestRecord, Reference, RepositoryEvents } from '../domain/repository/events.js';
import type { Digest } from '../domain/shared/digest.js';
import type { Position } from '../domain/shared/ids.js';
import { isAlive, type Timestamp } from '../domain/shared/time.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';
import type { TagQueries } from './tags.js';

export type ManifestDocument = Omit<ManifestRecord, 'references' | 'labels' | 'subject'> & {
  /** Absent without one, so that only referrers are in the index by subject. */
  readonly subject?: Digest;
  readonly repositoryId: string;
  readonly digest: Digest;
  /** Kept without a tag until then; null: without end; absent: only tags and parents keep it. */
  readonly heldUntil?: Timestamp | null;
  readonly deleted: boolean;
  /** Absent unless deleted. */
  readonly deletedAt?: Timestamp;
  /** Of the first push: the order of referrers lists. */
  readonly pushed: Position;
  readonly pushedAt: Timestamp;
};

/**
 * A manifest names a content; from the content's side. There are more of these than of all other documents together, so
 * they say nothing twice: they are found by their key, `<content>/<repository id>/<manifest>`.
 */
export type ReferenceDocument = { readonly repositoryId: string; readonly manifest: Digest };

const MANIFESTS = 'manifests';
const REFERENCES = 'references';
const repository = on<RepositoryEvents>();

/** What the keys of all references to a content in a repository begin with. */
const naming = (content: Digest, repositoryId: string): string => `${content}/${repositoryId}/`;
const manifestKey = (repositoryId: string, digest: string): string => `${repositoryId}/${digest}`;
const reads = ({ digest }: { readonly digest: Digest }, { streamId }: ProjectedEvent) => [
  { collection: MANIFESTS, key: manifestKey(streamId, digest) },
];

function change(
  digest: Digest,
  event: ProjectedEvent,
  view: DocumentView,
  by: (found: ManifestDocument) => ManifestDocument,
): void {
  const key = manifestKey(event.streamId, digest);
  const document = view.get<ManifestDocument>(MANIFESTS, key);
  if (document) view.put(MANIFESTS, key, by(document));
}

function putReferences(
  manifest: Digest,
  references: readonly Reference[],
  { streamId }: ProjectedEvent,
  view: DocumentView,
): void {
  const document: ReferenceDocument = { repositoryId: streamId, manifest };
  for (const { digest: content } of references)
    view.put(REFERENCES, `${naming(content, streamId)}${manifest}`, document);
}

/** Manifests of repositories, what they name and what refers to them. */
export const manifests: Projection = {
  name: 'manifests',
  version: 2,
  collections: [
    { name: MANIFESTS, indexes: { bySubject: ['repositoryId', 'subject', 'pushed'] } },
    { name: REFERENCES, indexes: {} },
  ],
  handlers: {
    ...repository('ManifestPushed', {
      reads,
      apply: ({ digest, manifest, heldUntil }, event, view) => {
        const key = manifestKey(event.streamId, digest);
        const known = view.get<ManifestDocument>(MANIFESTS, key);
        const { references, labels: _labels, subject, ...record } = manifest;
        const hold = heldUntil === undefined ? known?.heldUntil : heldUntil;
        const document: ManifestDocument = {
          ...record,
          ...(subject === null ? {} : { subject }),
          repositoryId: event.streamId,
          digest,
          ...(hold === undefined ? {} : { heldUntil: hold }),
          deleted: false,
          pushed: known?.pushed ?? event.position,
          pushedAt: known?.pushedAt ?? event.at,
        };
        view.put(MANIFESTS, key, document);
        putReferences(digest, references, event, view);
      },
    }),
    ...repository('ManifestReferencesAdded', {
      apply: ({ digest, references }, event, view) => {
        putReferences(digest, references, event, view);
      },
    }),
    ...repository('ManifestDeleted', {
      reads,
      apply: ({ digest }, event, view) => {
        change(digest, event, view, ({ heldUntil: _ended, ...document }) => ({
          ...document,
          deleted: true,
          deletedAt: event.at,
        }));
      },
    }),
    ...repository('TagRestored', {
      reads: ({ revived }, event) => revived.flatMap((digest) => reads({ digest }, event)),
      apply: ({ revived }, event, view) => {
        for (const digest of revived)
          change(digest, event, view, ({ deletedAt: _over, ...document }) => ({ ...document, deleted: false }));
      },
    }),
  },
};

/** A manifest that may be read, and until when: null for without end. */
export type VisibleManifest = { readonly document: ManifestDocument; readonly until: Timestamp | null };

/** What keeps a manifest visible, and until when; null: without end. */
type Kept = { readonly end: Timestamp | null };

const BATCH = 100;

/** Pushed by then, and not deleted by then; of several deletions only the last one, if it still holds, is known. */
export const existedAt = ({ pushedAt, deletedAt }: ManifestDocument, moment: Timestamp): boolean =>
  pushedAt <= moment && (deletedAt === undefined || deletedAt > moment);

export class ManifestQueries {
  constructor(
    private readonly collection: Collection<ManifestDocument>,
    private readonly references: Collection<ReferenceDocument>,
    private readonly tags: TagQueries,
  ) {}

  get(repositoryId: string, digest: Digest): Promise<ManifestDocument | undefined> {
    return this.collection.get(manifestKey(repositoryId, digest));
  }

  /** The same rule as the domain's `isVisible`: tagged, held, or child of a visible one; and not deleted since. */
  async visible(repositoryId: string, digest: Digest, now: Timestamp): Promise<VisibleManifest | undefined> {
    const document = await this.get(repositoryId, digest);
    if (!document || document.deleted) return undefined;
    const until = (await this.#keptUntil(document, now)) ?? (await this.#namedUntil(repositoryId, digest, now));
    return until === undefined ? undefined : { document, until: until.end };
  }

  /** Until when a visible manifest names the content; undefined if none does. The first one found decides. */
  async namedUntil(repositoryId: string, content: Digest, now: Timestamp): Promise<Timestamp | null | undefined> {
    return (await this.#namedUntil(repositoryId, content, now))?.end;
  }

  /** What keeps the manifest itself, its parents left aside. */
  async #keptUntil({ repositoryId, digest, heldUntil }: ManifestDocument, now: Timestamp): Promise<Kept | undefined> {
    if (heldUntil === null) return { end: null };
    const tagged = await this.tags.aliveUntil(repositoryId, digest, now);
    if (tagged === null) return { end: null };
    const end = [heldUntil, tagged]
      .filter((until) => until !== undefined && isAlive(until, now))
      .sort()
      .at(-1);
    return end === undefined ? undefined : { end };
  }

  /** Walks up to those that name the content, each once: indexes may be nested as clients like. */
  async #namedUntil(repositoryId: string, content: Digest, now: Timestamp): Promise<Kept | undefined> {
    const contents = new Set([content]);
    // What is added while it is walked through is walked through too.
    for (const next of contents) {
      for await (const manifest of this.#naming(repositoryId, next)) {
        if (contents.has(manifest)) continue;
        const document = await this.get(repositoryId, manifest);
        if (!document || document.deleted) continue;
        const kept = await this.#keptUntil(document, now);
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
      const page = await this.references.find(cursor === undefined ? query : { ...query, cursor });
      for (const { manifest } of page.documents) yield manifest;
      cursor = page.cursor;
      if (cursor !== undefined) await setImmediate();
    } while (cursor !== undefined);
  }

  /** Some of the repositories in which a manifest, visible or not, names the content; each once. */
  async repositoriesNaming(content: Digest, limit: number): Promise<string[]> {
    const range = prefixed(`${content}/`);
    const { documents } = await this.references.find({ index: BY_KEY, equals: [], ...range, limit });
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
      const { documents } = await this.collection.find(query);
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
