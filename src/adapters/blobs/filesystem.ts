import { stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { BlobStore, ByteRange, ContentKey, UploadId } from '../../ports/blobStore.js';
import { ContentFiles, namesIn } from './contentFiles.js';
import { DurableFolders } from './durableFolders.js';
import { FileRange, type ChunkMemory } from './fileRange.js';
import { contentKeyOfSmall, Layout, smallKeyOf } from './layout.js';
import { MarkerFile } from './markerFile.js';
import { SMALL_CONTENT_BYTES, type SmallContentStore } from './smallContents.js';
import { onDisk, unless } from './storageErrors.js';
import { SmallUploads } from './smallUploads.js';
import { UploadFiles } from './uploadFiles.js';
import { OneAtATime, type Uploads } from './uploads.js';

/** Small contents that are listed in one turn of the event loop: some milliseconds. */
const LISTED_PER_TURN = 1_000;
/** Temporary files of this age in milliseconds belong to a process that died: a file needs its for seconds. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * The blob store on the file system, for one process. What it acknowledged survives a loss of power, without relying on
 * the order in which a file system happens to write things out: bytes are synced before they get their name, and every
 * folder in which a name changed is synced before the answer.
 *
 * @see Layout for the names
 */
export class FileSystemBlobStore implements BlobStore {
  readonly #layout: Layout;
  readonly #contents: ContentFiles;
  readonly #marker: MarkerFile;
  readonly #uploads: Uploads;
  readonly #oneAtATime = new OneAtATime();
  readonly #small: SmallContentStore | undefined;

  /**
   * @param root a folder of the store's own; it need not exist yet
   * @param small takes contents, and uploads, of up to `SMALL_CONTENT_BYTES`; without it they are files like all others
   */
  constructor(root: string, small?: SmallContentStore) {
    this.#layout = new Layout(resolve(root));
    const folders = new DurableFolders(this.#layout.root);
    this.#contents = new ContentFiles(this.#layout, folders);
    this.#marker = new MarkerFile(this.#layout, folders, this.#contents);
    const files = new UploadFiles(this.#layout, folders, this.#contents);
    this.#uploads = small ? new SmallUploads(small, files) : files;
    this.#small = small;
  }

  async put(key: ContentKey, bytes: Uint8Array): Promise<void> {
    const small = bytes.byteLength <= SMALL_CONTENT_BYTES ? this.#small : undefined;
    await (small ? small.put(smallKeyOf(key), bytes) : onDisk(this.#contents.put(key, bytes)));
  }

  append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
  ): Promise<number> {
    return this.#oneAtATime.run(upload, offset, () => this.#uploads.append(upload, offset, source, kept));
  }

  readUpload(upload: UploadId, length: number): AsyncIterable<Uint8Array> {
    return this.#uploads.read(upload, length);
  }

  finish(upload: UploadId, key: ContentKey, size: number): Promise<void> {
    return this.#oneAtATime.run(upload, size, () => this.#uploads.finish(upload, key, size));
  }

  abort(upload: UploadId): Promise<void> {
    return this.#uploads.abort(upload);
  }

  async read(key: ContentKey): Promise<Uint8Array> {
    const small = this.#small?.get(smallKeyOf(key));
    if (small) return small;
    const file = await this.#contents.open(key);
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  stream(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#stream('own', key, range);
  }

  /**
   * Like `stream`, in half the time and memory, for consumers that are done with a chunk before they ask for the next:
   * its memory is then read into again. Writing to a socket and waiting for the write's callback (or for `drain` where
   * `write` returned false) is such a consumer; whatever keeps or queues chunks is none.
   *
   * @throws ContentMissing before the first byte
   */
  streamLent(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#stream('lent', key, range);
  }

  async stat(key: ContentKey): Promise<number | undefined> {
    return this.#small?.get(smallKeyOf(key))?.byteLength ?? onDisk(this.#contents.size(key));
  }

  marker(): Promise<string | undefined> {
    return this.#marker.read();
  }

  mark(marker: string): Promise<void> {
    return this.#marker.write(marker);
  }

  async delete(key: ContentKey): Promise<void> {
    const name = smallKeyOf(key);
    if (this.#small?.get(name)) await this.#small.delete(name);
    else await onDisk(this.#contents.delete(key));
  }

  async *list(): AsyncGenerator<ContentKey & { readonly size: number }, void, undefined> {
    let listed = 0;
    for (const { key, size } of this.#small?.list() ?? []) {
      const content = contentKeyOfSmall(key);
      if (content) yield { ...content, size };
      listed += 1;
      // The small store answers at once; whoever else is waiting must get a turn.
      if (listed % LISTED_PER_TURN === 0) await setImmediate();
    }
    yield* this.#contents.list();
  }

  async *listUploads(): AsyncGenerator<UploadId, void, undefined> {
    const seen = new Set<UploadId>();
    for await (const upload of this.#uploads.list()) {
      if (!seen.has(upload)) yield upload;
      seen.add(upload);
    }
  }

  /** Removes what processes that died left half-written and nobody can name any more. @returns how many files */
  async sweepLeftovers(now: number, signal?: AbortSignal): Promise<number> {
    let swept = 0;
    for await (const name of namesIn(this.#layout.temporary)) {
      if (signal?.aborted === true) break;
      const path = join(this.#layout.temporary, name);
      const file = await unless(['ENOENT'], stat(path));
      if (!file || now - file.mtimeMs < LEFTOVER_AGE_MS) continue;
      await unless(['ENOENT'], unlink(path));
      swept += 1;
    }
    return swept;
  }

  async #stream(memory: ChunkMemory, key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    const small = this.#small?.get(smallKeyOf(key));
    if (small) {
      const { start, end } = boundsOf(range, small.byteLength);
      return only(small.subarray(start, end));
    }
    const file = await this.#contents.open(key);
    try {
      const { start, end } = boundsOf(range, (await file.stat()).size);
      return new FileRange(file, start, end, memory);
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

/** @throws RangeError if the range does not lie within a content of `size` bytes */
function boundsOf(range: ByteRange | undefined, size: number): { readonly start: number; readonly end: number } {
  if (!range) return { start: 0, end: size };
  const { start, end } = range;
  if (start < 0 || start > end || end >= size)
    throw new RangeError(`bytes ${start}-${end} are not within ${size} bytes`);
  return { start, end: end + 1 };
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one chunk has nothing to wait for
async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (bytes.byteLength > 0) yield bytes;
}
