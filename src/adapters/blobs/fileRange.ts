import type { FileHandle } from 'node:fs/promises';

/** One read: large enough that the thread pool's overhead vanishes, small enough for many streams at a time. */
const READ_BYTES = 512 * 1024;

/**
 * What becomes of a chunk's memory when the consumer asks for the next chunk: it is the consumer's own for ever, or it
 * was only lent and is read into again. Fresh memory for every chunk costs about as much as sending it.
 */
export type ChunkMemory = 'own' | 'lent';

/**
 * A part of an open file as chunks. The next chunk is read while the consumer has the
 * present one. The file is closed after the last byte, on the first failure and when the consumer stops early, even if
 * it stops before it began (which a generator would not notice).
 */
export class FileRange implements AsyncIterableIterator<Uint8Array> {
  readonly #file: FileHandle;
  readonly #end: number;
  readonly #memory: ChunkMemory;
  #handed: Buffer | undefined;
  #position: number;
  #ahead: Promise<Buffer> | undefined;
  #closed: Promise<void> | undefined;

  /**
   * @param start first byte
   * @param end byte after the last one; the file must reach so far
   */
  constructor(file: FileHandle, start: number, end: number, memory: ChunkMemory = 'own') {
    this.#file = file;
    this.#position = start;
    this.#end = end;
    this.#memory = memory;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const reading = this.#ahead ?? this.#startRead();
    if (!reading) return this.return();
    try {
      const value = await reading;
      this.#ahead = this.#startRead();
      if (this.#memory === 'lent') this.#handed = value;
      // The file is not needed any more, though the consumer may take its time with the last chunk.
      if (!this.#ahead) await this.#close();
      return { done: false, value };
    } catch (error) {
      await this.#close();
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<undefined>> {
    await this.#close();
    return { done: true, value: undefined };
  }

  #startRead(): Promise<Buffer> | undefined {
    const size = Math.min(READ_BYTES, this.#end - this.#position);
    if (this.#closed || size <= 0) return undefined;
    const buffer = this.#handed?.subarray(0, size) ?? Buffer.allocUnsafeSlow(size);
    this.#handed = undefined;
    const reading = fill(buffer, this.#file, this.#position);
    // A read-ahead that nobody comes for must not count as an unhandled failure.
    reading.catch(() => undefined);
    this.#position += size;
    return reading;
  }

  #close(): Promise<void> {
    this.#closed ??= (async () => {
      await this.#ahead?.catch(() => undefined);
      this.#ahead = undefined;
      await this.#file.close();
    })();
    return this.#closed;
  }
}

/** @throws Error if the file ends before the buffer is full */
async function fill(buffer: Buffer, file: FileHandle, position: number): Promise<Buffer> {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await file.read(buffer, filled, buffer.byteLength - filled, position + filled);
    if (bytesRead === 0) throw new Error(`a stored file ends after ${position + filled} bytes, too early`);
    filled += bytesRead;
  }
  return buffer;
}
