import type { ManifestLabel, ManifestRecord, Reference, RepositoryEvents } from '../domain/repository/events.js';
import type { Digest } from '../domain/shared/digest.js';
import type { Position } from '../domain/shared/ids.js';
import type { Timestamp } from '../domain/shared/time.js';
import { on, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

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
  /** Deleted past the time machine: it is not shown of any moment. */
  readonly purged?: true;
  /** Sum of the layers' sizes; 0 for an index. */
  readonly layersSize: number;
  /** The last event whose references are in that sum: fed again, it must not count twice. */
  readonly summedUp: Position;
  /** Of the first push: the order of referrers lists. */
  readonly pushed: Position;
  readonly pushedAt: Timestamp;
};

/**
 * A manifest names a content; from the content's side. There are more of these than of all other documents together, so
 * they say nothing twice: they are found by their key, `<content>/<repository id>/<manifest>`.
 */
export type ReferenceDocument = { readonly repositoryId: string; readonly manifest: Digest };

/** What an index is made of, in its order. */
export type ChildrenDocument = { readonly children: readonly Digest[]; readonly upTo: Position };

/** The labels that a manifest brought with it; absent if there are none. */
export type OwnLabelsDocument = { readonly labels: readonly ManifestLabel[] };
/** A label that somebody added. */
export type AddedLabelDocument = ManifestLabel & { readonly id: string };
export type LabelsDocument = OwnLabelsDocument | AddedLabelDocument;

export const MANIFESTS = 'manifests';
export const REFERENCES = 'references';
export const CHILDREN = 'children';
export const LABELS = 'labels';
const repository = on<RepositoryEvents>();

/** What the keys of all references to a content in a repository begin with. */
export const naming = (content: Digest, repositoryId: string): string => `${content}/${repositoryId}/`;
/** Also of its children, and of the labels that it brought with it. */
export const manifestKey = (repositoryId: string, digest: string): string => `${repositoryId}/${digest}`;
/** What the keys of all labels that were added to a manifest begin with; an id follows. */
export const addedLabels = (repositoryId: string, digest: string): string => `${repositoryId}/${digest}/`;

const reads = ({ digest }: { readonly digest: Digest }, { streamId }: ProjectedEvent) => [
  { collection: MANIFESTS, key: manifestKey(streamId, digest) },
];
const readsParts = (data: { readonly digest: Digest }, event: ProjectedEvent) => [
  ...reads(data, event),
  { collection: CHILDREN, key: manifestKey(event.streamId, data.digest) },
];
const readsAll = ({ digests }: { readonly digests: readonly Digest[] }, event: ProjectedEvent) =>
  digests.flatMap((digest) => reads({ digest }, event));

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

const layersOf = (references: readonly Reference[]): number =>
  references.reduce((sum, { kind, size }) => sum + (kind === 'layer' ? size : 0), 0);
const childrenOf = (references: readonly Reference[]): Digest[] =>
  references.flatMap(({ kind, digest }) => (kind === 'child' ? [digest] : []));

type Pushed = RepositoryEvents['ManifestPushed'];

/** One that was purged is pushed as if for the first time. */
function push({ digest, manifest, heldUntil }: Pushed, event: ProjectedEvent, view: DocumentView): void {
  const key = manifestKey(event.streamId, digest);
  const found = view.get<ManifestDocument>(MANIFESTS, key);
  const known = found?.purged ? undefined : found;
  const { references, labels, subject, ...record } = manifest;
  const hold = heldUntil === undefined ? known?.heldUntil : heldUntil;
  const document: ManifestDocument = {
    ...record,
    ...(subject === null ? {} : { subject }),
    repositoryId: event.streamId,
    digest,
    ...(hold === undefined ? {} : { heldUntil: hold }),
    deleted: false,
    layersSize: layersOf(references),
    summedUp: event.position,
    pushed: known?.pushed ?? event.position,
    pushedAt: known?.pushedAt ?? event.at,
  };
  view.put(MANIFESTS, key, document);
  putReferences(digest, references, event, view);
  if (manifest.kind === 'index') view.put(CHILDREN, key, { children: childrenOf(references), upTo: event.position });
  const own: OwnLabelsDocument | undefined = labels.length > 0 ? { labels } : undefined;
  // Those of an earlier push go; where there was none, nothing is there.
  if (own ?? found) view.put(LABELS, key, own);
}

type Added = RepositoryEvents['ManifestReferencesAdded'];

function addReferences({ digest, references }: Added, event: ProjectedEvent, view: DocumentView): void {
  const { position } = event;
  putReferences(digest, references, event, view);
  change(digest, event, view, (document) =>
    document.summedUp < position
      ? { ...document, layersSize: document.layersSize + layersOf(references), summedUp: position }
      : document,
  );
  const key = manifestKey(event.streamId, digest);
  const index = view.get<ChildrenDocument>(CHILDREN, key);
  if (index && index.upTo < position)
    view.put(CHILDREN, key, { children: [...index.children, ...childrenOf(references)], upTo: position });
}

/** Manifests of repositories, what they name, what refers to them, and their labels. */
export const manifests: Projection = {
  name: 'manifests',
  version: 3,
  collections: [
    { name: MANIFESTS, indexes: { bySubject: ['repositoryId', 'subject', 'pushed'] } },
    { name: REFERENCES, indexes: {} },
    { name: CHILDREN, indexes: {} },
    { name: LABELS, indexes: {} },
  ],
  handlers: {
    ...repository('ManifestPushed', { reads, apply: push }),
    ...repository('ManifestReferencesAdded', { reads: readsParts, apply: addReferences }),
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
    ...repository('ManifestsPurged', {
      reads: readsAll,
      apply: ({ digests }, event, view) => {
        for (const digest of digests)
          change(digest, event, view, ({ heldUntil: _ended, ...document }) => ({
            ...document,
            deleted: true,
            deletedAt: event.at,
            purged: true,
          }));
      },
    }),
    ...repository('TagRestored', {
      reads: ({ revived }, event) => readsAll({ digests: revived }, event),
      apply: ({ revived }, event, view) => {
        for (const digest of revived)
          change(digest, event, view, ({ deletedAt: _over, ...document }) => ({ ...document, deleted: false }));
      },
    }),
    ...repository('LabelAdded', {
      apply: ({ labelId, digest, label }, { streamId }, view) => {
        const document: AddedLabelDocument = { id: labelId, ...label };
        view.put(LABELS, `${addedLabels(streamId, digest)}${labelId}`, document);
      },
    }),
    ...repository('LabelRemoved', {
      apply: ({ labelId, digest }, { streamId }, view) => {
        view.put(LABELS, `${addedLabels(streamId, digest)}${labelId}`, undefined);
      },
    }),
  },
};
