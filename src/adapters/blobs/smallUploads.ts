import type { ContentKey, UploadId } from '../../ports/blobStore.js';
import { OffsetConflict } from '../../ports/errors.js';
import { smallKeyOf } from './layout.js';
import { SMALL_CONTENT_BYTES, type SmallContentStore } from './smallContents.js';
import type { Uploads } from './uploads.js';

const PREFIX = 'uploads/';
const stagedKeyOf = (upload: UploadId): string => PREFIX + upload;

type Kept = (end: number) => Promise<void>;

/**
 * Keeps uploads in the small store as long as they are small, so that a config blob costs a share of two commits and no
 * file at all. An upload that grows moves to the large ones.
 *
 * While an upload is in the small store, that is what counts, whatever the large ones have under its id: on its way over
 * it is removed here only when it is durable there.
 */
export class SmallUploads implements Uploads {
  readonly #small: SmallContentStore;
  readonly #large: Uploads;

  constructor(small: SmallContentStore, large: Uploads) {
    this.#small = small;
    this.#large = large;
  }

  async append(upload: UploadId, offset: number, source: AsyncIterable<Uint8Array>, kept?: Kept): Promise<number> {
    const staged = this.#small.get(stagedKeyOf(upload));
    if (staged && staged.byteLength < offset) throw new OffsetConflict(offset, staged.byteLength);
    if (!staged && offset > 0) return this.#large.append(upload, offset, source, kept);
    const gathering = new Gathering(source, staged?.subarray(0, offset));
    try {
      return await this.#gather(upload, gathering, kept, staged !== undefined);
    } finally {
      await gathering.close();
    }
  }

  async *read(upload: UploadId, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const staged = this.#small.get(stagedKeyOf(upload));
    if (staged) yield firstOf(staged, length);
    else yield* this.#large.read(upload, length);
  }

  async finish(upload: UploadId, key: ContentKey, size: number): Promise<void> {
    const staged = this.#small.get(stagedKeyOf(upload));
    if (!staged && size > SMALL_CONTENT_BYTES) return this.#large.finish(upload, key, size);
    const bytes = staged ? firstOf(staged, size) : await gatherAll(this.#large.read(upload, size));
    const stored = this.#small.put(smallKeyOf(key), bytes);
    // Asked for at once, so that both share a commit; in this order, so that no commit has neither.
    const dropped = this.#small.delete(stagedKeyOf(upload));
    await Promise.all([stored, dropped]);
    await this.#large.abort(upload);
  }

  async abort(upload: UploadId): Promise<void> {
    if (this.#small.get(stagedKeyOf(upload))) await this.#small.delete(stagedKeyOf(upload));
    await this.#large.abort(upload);
  }

  async *list(): AsyncGenerator<UploadId, void, undefined> {
    for (const { key } of this.#small.list(PREFIX)) yield key.slice(PREFIX.length) as UploadId;
    yield* this.#large.list();
  }

  async #gather(upload: UploadId, gathering: Gathering, kept: Kept | undefined, wasHere: boolean): Promise<number> {
    const put = async (): Promise<number> => {
      await this.#small.put(stagedKeyOf(upload), gathering.bytes());
      return gathering.size;
    };
    const isSmall = await gathering.isSmall().catch(async (error: unknown) => {
      // Whether it could be kept and told does not change what the caller gets.
      if (kept)
        await put()
          .then(kept)
          .catch(() => undefined);
      throw error;
    });
    if (isSmall) return put();
    const leave = async (): Promise<void> => {
      if (wasHere) await this.#small.delete(stagedKeyOf(upload));
    };
    const moved =
      kept &&
      (async (end: number): Promise<void> => {
        await leave();
        await kept(end);
      });
    const end = await this.#large.append(upload, 0, gathering.all(), moved);
    await leave();
    return end;
  }
}

/** The beginning of a source, held back until it is known whether the source is small. */
class Gathering {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(source: AsyncIterable<Uint8Array>, before: Uint8Array = new Uint8Array()) {
    this.#source = source[Symbol.asyncIterator]();
    this.#take(before);
  }

  get size(): number {
    return this.#size;
  }

  /** Reads until the source ends or is too large. */
  async isSmall(): Promise<boolean> {
    while (this.#size <= SMALL_CONTENT_BYTES) {
      const next = await this.#source.next();
      if (next.done) return true;
      this.#take(next.value);
    }
    return false;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.#chunks);
  }

  /** What was gathered, and the rest of the source. */
  async *all(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#chunks.splice(0);
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) yield next.value;
  }

  /** Tells the source that nobody will ask it any more. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  #take(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#size += chunk.byteLength;
  }
}

/** @throws OffsetConflict if there are fewer */
function firstOf(staged: Uint8Array, length: number): Uint8Array {
  if (staged.byteLength < length) throw new OffsetConflict(length, staged.byteLength);
  return staged.subarray(0, length);
}

async function gatherAll(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
