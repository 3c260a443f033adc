import type { Position } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Collection, DocumentWrite, IndexQuery, Lane, Page } from '../../ports/documentStore.js';
import type { LaneFile } from './laneFile.js';

/**
 * A lane as it is handed out: it stays the same while the file behind it is exchanged, so that queries which were made
 * before a rebuild read what the rebuild made.
 */
export class LaneSlot implements Lane {
  readonly #file: () => LaneFile;
  readonly #committed: (file: LaneFile) => void;

  /** @param file the file behind the lane now; throws if there is none any more */
  constructor(file: () => LaneFile, committed: (file: LaneFile) => void) {
    this.#file = file;
    this.#committed = committed;
  }

  async checkpoint(): Promise<Position> {
    return this.#file().checkpoint();
  }

  collection<Document extends JsonObject>(name: string): Collection<Document> {
    return new SlotCollection<Document>(() => this.#file().collection(name));
  }

  async commit(writes: readonly DocumentWrite[], checkpoint: Position): Promise<void> {
    const file = this.#file();
    await file.commit(writes, checkpoint);
    this.#committed(file);
  }
}

class SlotCollection<Document extends JsonObject> implements Collection<Document> {
  readonly #collection: () => Collection<Document>;

  constructor(collection: () => Collection<Document>) {
    this.#collection = collection;
  }

  async get(key: string): Promise<Document | undefined> {
    return this.#collection().get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Document | undefined)[]> {
    return this.#collection().getMany(keys);
  }

  async find(query: IndexQuery): Promise<Page<Document>> {
    return this.#collection().find(query);
  }

  async *scan(): AsyncGenerator<{ readonly key: string; readonly document: Document }, void, undefined> {
    yield* this.#collection().scan();
  }
}
