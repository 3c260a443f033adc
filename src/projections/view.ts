import type { JsonObject } from '../domain/shared/json.js';
import type { DocumentWrite, Lane } from '../ports/documentStore.js';
import type { DocumentRef, DocumentView } from './projection.js';

/** The documents of one lane while one batch is applied: loaded in one go, changed in memory, written in one go. */
export class BatchView implements DocumentView {
  readonly #documents = new Map<string, Map<string, JsonObject | undefined>>();
  readonly #changed = new Map<string, Set<string>>();

  /** Loads what is not loaded yet: one query per collection, side by side. */
  async load(lane: Lane, refs: Iterable<DocumentRef>): Promise<void> {
    const wanted = new Map<string, Set<string>>();
    for (const { collection, key } of refs) {
      if (this.#documents.get(collection)?.has(key)) continue;
      const keys = wanted.get(collection);
      if (keys) keys.add(key);
      else wanted.set(collection, new Set([key]));
    }
    const loading = [...wanted].map(async ([collection, set]) => {
      const keys = [...set];
      const found = await lane.collection(collection).getMany(keys);
      const documents = this.#in(collection);
      keys.forEach((key, index) => documents.set(key, found[index]));
    });
    await Promise.all(loading);
  }

  get<Document extends JsonObject>(collection: string, key: string): Document | undefined {
    const documents = this.#documents.get(collection);
    if (!documents?.has(key)) throw new Error(`a projection read ${collection}/${key} without naming it in reads`);
    // The projection that wrote the document reads it: it knows its type.
    return documents.get(key) as Document | undefined;
  }

  put(collection: string, key: string, document: JsonObject | undefined): void {
    this.#in(collection).set(key, document);
    const changed = this.#changed.get(collection);
    if (changed) changed.add(key);
    else this.#changed.set(collection, new Set([key]));
  }

  /** In order of keys: neighbours go to the same page of a store's tree, which halves the cost of a large batch. */
  writes(): DocumentWrite[] {
    return [...this.#changed].flatMap(([collection, keys]) =>
      [...keys].sort().map((key) => ({ collection, key, document: this.#in(collection).get(key) })),
    );
  }

  #in(collection: string): Map<string, JsonObject | undefined> {
    let documents = this.#documents.get(collection);
    if (!documents) this.#documents.set(collection, (documents = new Map<string, JsonObject | undefined>()));
    return documents;
  }
}
