import { digestOf } from '../../../domain/shared/digest.js';
import type { BlobStore, ByteRange, ContentKey, Generation, UploadId, UploadStep } from '../../../ports/blobStore.js';
import { ContentMissing } from '../../../ports/errors.js';
import { markerIn, smallKeyOf } from '../layout.js';
import { ObjectBody } from './objectBody.js';
import { ObjectNames } from './objectNames.js';
import type { ObjectStore } from './objectStore.js';
import { ObjectUploads } from './objectUploads.js';
import { prove } from './proof.js';
import { reasonOf } from './reasons.js';

/** What an interrupted call left is this old, in milliseconds, before it is taken for left. */
const LEFTOVER_AGE_MS = 24 * 60 * 60 * 1000;

/** Need not be there: addresses are signed without a look. */
const PROVED: ContentKey = { digest: digestOf('sha256', '0'.repeat(64)), generation: 'proof' as Generation };

/**
 * The blob store in an object store, for any number of processes: all that it knows lies there.
 *
 * @see ObjectNames for the names
 */
export class ObjectBlobStore implements BlobStore {
  readonly link?: (key: ContentKey, seconds: number) => Promise<string>;
  readonly streamLent?: (key: ContentKey, range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
  readonly #names: ObjectNames;
  readonly #uploads: ObjectUploads;
  readonly #endsJoins: boolean;

  /**
   * @param path what the names of all objects begin with, as a folder
   * @param links whether clients may be sent to the object store
   * @param endsJoins whether joins that nobody ended are ended here; a rule of the bucket may do it, too
   */
  constructor(
    private readonly objects: ObjectStore,
    path: string,
    { links = true, endsJoins = true }: { readonly links?: boolean; readonly endsJoins?: boolean } = {},
  ) {
    this.#endsJoins = endsJoins;
    this.#names = new ObjectNames(path);
    this.#uploads = new ObjectUploads(objects, this.#names);
    const link = links ? objects.link?.bind(objects) : undefined;
    if (link) this.link = (key, seconds) => link(this.#names.content(key), seconds);
    if (objects.lends === true) this.streamLent = (key, range) => this.#stream(key, range, true);
  }

  /**
   * Proves that the store can be used as it is configured, before anybody relies on it.
   *
   * @throws Error with one line that says what is wrong
   */
  async prove(): Promise<void> {
    await prove(this.objects, this.#names.root);
    try {
      await this.link?.(PROVED, 1);
    } catch (error) {
      throw new Error(`it cannot sign addresses that clients are sent to: ${reasonOf(error)}`, { cause: error });
    }
  }

  async put(key: ContentKey, bytes: Uint8Array): Promise<void> {
    await this.objects.put(this.#names.content(key), bytes);
  }

  append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
    step?: UploadStep,
  ): Promise<number> {
    return this.#uploads.append(upload, offset, source, kept, step);
  }

  readUpload(upload: UploadId, length: number, at?: string | null): AsyncIterable<Uint8Array> {
    return this.#uploads.read(upload, length, at);
  }

  finish(upload: UploadId, key: ContentKey, size: number, at?: string | null): Promise<void> {
    return this.#uploads.finish(upload, key, size, at);
  }

  abort(upload: UploadId): Promise<void> {
    return this.#uploads.abort(upload);
  }

  async read(key: ContentKey): Promise<Uint8Array> {
    return bufferOf(await this.stream(key));
  }

  stream(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return this.#stream(key, range, false);
  }

  stat(key: ContentKey): Promise<number | undefined> {
    return this.objects.size(this.#names.content(key));
  }

  async marker(): Promise<string | undefined> {
    const opened = await this.objects.open(this.#names.marker);
    if (!opened) return undefined;
    const range = { start: 0, end: opened.size - 1 };
    return markerIn(await bufferOf(new ObjectBody(this.objects, this.#names.marker, opened, range)));
  }

  async mark(marker: string): Promise<void> {
    await this.objects.put(this.#names.marker, Buffer.from(marker));
  }

  async delete(key: ContentKey): Promise<void> {
    await this.objects.remove(this.#names.content(key));
  }

  async *list(): AsyncGenerator<ContentKey & { readonly size: number }, void, undefined> {
    for (const prefix of this.#names.contents) {
      for await (const { name, size } of this.objects.list(prefix)) {
        const key = this.#names.contentKey(name);
        if (key) yield { ...key, size };
      }
    }
  }

  listUploads(): AsyncIterable<UploadId> {
    return this.#uploads.list();
  }

  async sweepLeftovers(now: number, signal?: AbortSignal): Promise<number> {
    if (!this.#endsJoins) return 0;
    return (await this.objects.sweepJoins?.(this.#names.root, new Date(now - LEFTOVER_AGE_MS), signal)) ?? 0;
  }

  async #stream(key: ContentKey, range: ByteRange | undefined, lent: boolean): Promise<AsyncIterable<Uint8Array>> {
    const name = this.#names.content(key);
    if (range && (range.start < 0 || range.start > range.end)) {
      throw new RangeError(`there are no bytes ${range.start}-${range.end}`);
    }
    const opened = await this.objects.open(name, range, lent);
    if (!opened) throw new ContentMissing(smallKeyOf(key));
    return new ObjectBody(this.objects, name, opened, range ?? { start: 0, end: opened.size - 1 }, lent);
  }
}

async function bufferOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
