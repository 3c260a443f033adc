import { setImmediate } from 'node:timers/promises';
import type { ManifestLabel } from '../domain/repository/events.js';
import { ownLabelId } from '../domain/repository/labels.js';
import type { Digest } from '../domain/shared/digest.js';
import { BY_KEY, type Collection } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import { addedLabels, manifestKey, type AddedLabelDocument, type LabelsDocument } from './manifests.js';

/** A label with where it came from: the manifest itself, or somebody who added it. */
export type Label = ManifestLabel & { readonly id: string; readonly source: 'manifest' | 'api' };

const BATCH = 200;

/** The labels of manifests, whether or not anything leads to them. */
export class LabelQueries {
  constructor(private readonly collection: Collection<LabelsDocument>) {}

  /** First those that it brought with it, then the others in the order in which they were added. */
  async of(repositoryId: string, digest: Digest): Promise<readonly Label[]> {
    const labels = [...(await this.#own(repositoryId, digest))];
    const query = { index: BY_KEY, equals: [], ...prefixed(addedLabels(repositoryId, digest)), limit: BATCH } as const;
    for (let cursor: string | undefined; ;) {
      const page = await this.collection.find(cursor === undefined ? query : { ...query, cursor });
      labels.push(...page.documents.flatMap(added));
      if (page.cursor === undefined) return labels;
      cursor = page.cursor;
      await setImmediate();
    }
  }

  async byId(repositoryId: string, digest: Digest, id: string): Promise<Label | undefined> {
    const document = await this.collection.get(`${addedLabels(repositoryId, digest)}${id}`);
    const [label] = document ? added(document) : [];
    return label ?? (await this.#own(repositoryId, digest)).find((own) => own.id === id);
  }

  async #own(repositoryId: string, digest: Digest): Promise<readonly Label[]> {
    const document = await this.collection.get(manifestKey(repositoryId, digest));
    if (!document || !isOwn(document)) return [];
    return document.labels.map((label) => ({ ...label, id: ownLabelId(digest, label.key), source: 'manifest' }));
  }
}

const isOwn = (document: LabelsDocument): document is Exclude<LabelsDocument, AddedLabelDocument> =>
  'labels' in document;

const added = (document: LabelsDocument): Label[] => (isOwn(document) ? [] : [{ ...document, source: 'api' }]);
