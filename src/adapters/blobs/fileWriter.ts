import { onDisk } from './storageErrors.js';

/** Bytes that are gathered for one write: a trip through the thread pool costs as much as copying some 100 KiB. */
const GATHER_BYTES = 1024 * 1024;
/** What one writev takes (IOV_MAX); it also bounds what a source of tiny chunks can pile up. */
const GATHER_CHUNKS = 1024;
/** Written bytes after which write-back starts in the background, so that little is left for the closing sync. */
const WRITE_BACK_BYTES = 16 * 1024 * 1024;
/** Written bytes that may wait for the disk before the source has to wait too. */
const UNSYNCED_BYTES = 4 * WRITE_BACK_BYTES;

/** What the writer needs of a file handle. */
export interface WritableFile {
  /** May write less than it is given. */
  writev(chunks: readonly Uint8Array[], position: number): Promise<{ readonly bytesWritten: number }>;
  datasync(): Promise<void>;
}

/**
 * Writes chunks one after another into a file: while one gathering is being written the next one is gathered, so memory
 * is bounded by two of them. Chunks are kept by reference until they are written.
 *
 * The first failure stays: a sync that failed once may succeed the next time without the bytes being on the disk.
 */
export class FileWriter {
  readonly #file: WritableFile;
  #end: number;
  #chunks: Uint8Array[] = [];
  #gathered = 0;
  #unsynced = 0;
  #write: Promise<void> = Promise.resolve();
  #writeBack: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param end where the first byte goes */
  constructor(file: WritableFile, end: number) {
    this.#file = file;
    this.#end = end;
  }

  /** Takes a chunk. @returns a promise where the source must wait @throws StoreUnavailable */
  add(chunk: Uint8Array): Promise<void> | undefined {
    if (chunk.byteLength === 0) return undefined;
    this.#chunks.push(chunk);
    this.#gathered += chunk.byteLength;
    return this.#gathered >= GATHER_BYTES || this.#chunks.length >= GATHER_CHUNKS ? this.#flush() : undefined;
  }

  /** Writes the rest and makes everything durable. @returns the file's new end @throws StoreUnavailable */
  async finish(): Promise<number> {
    if (this.#gathered > 0) await this.#flush();
    await this.idle();
    this.#rethrow();
    await this.#noting(this.#file.datasync());
    this.#rethrow();
    return this.#end;
  }

  /** Settles when nothing is under way any more, so that the file may be closed. */
  async idle(): Promise<void> {
    await this.#write;
    await this.#writeBack;
  }

  async #flush(): Promise<void> {
    await this.#write;
    if (this.#unsynced >= UNSYNCED_BYTES) await this.#writeBack;
    this.#rethrow();
    const chunks = this.#chunks;
    const size = this.#gathered;
    this.#write = this.#noting(writeAll(this.#file, chunks, this.#end));
    this.#end += size;
    this.#unsynced += size;
    this.#chunks = [];
    this.#gathered = 0;
    this.#startWriteBack();
  }

  #startWriteBack(): void {
    if (this.#writeBack || this.#unsynced < WRITE_BACK_BYTES) return;
    this.#unsynced = 0;
    this.#writeBack = this.#noting(this.#file.datasync()).then(() => {
      this.#writeBack = undefined;
    });
  }

  async #noting(work: Promise<void>): Promise<void> {
    try {
      await onDisk(work);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #rethrow(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

async function writeAll(file: WritableFile, chunks: readonly Uint8Array[], at: number): Promise<void> {
  let rest = chunks;
  let position = at;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position);
    position += bytesWritten;
    rest = withoutFirst(rest, bytesWritten);
  }
}

/** A write may take less than it was given, on a disk that is nearly full for instance. */
function withoutFirst(chunks: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let skipped = bytes;
  for (const [index, chunk] of chunks.entries()) {
    if (skipped < chunk.byteLength) return [chunk.subarray(skipped), ...chunks.slice(index + 1)];
    skipped -= chunk.byteLength;
  }
  return [];
}
