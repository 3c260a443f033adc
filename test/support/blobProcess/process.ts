import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BlobStore, ByteRange, ContentKey, UploadId, UploadStep } from '../../../src/ports/blobStore.js';
import { ContentMissing, OffsetConflict } from '../../../src/ports/errors.js';
import type { Answered, Asked, BlobCall, StoredError } from './calls.js';

const PROGRAM = fileURLToPath(new URL('./program.js', import.meta.url));

type Running = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly source: AsyncIterator<Uint8Array> | undefined;
  readonly kept: ((end: number) => Promise<void>) | undefined;
};

/** A blob store that another process has on a folder. */
export class BlobProcess implements BlobStore {
  readonly #running = new Map<number, Running>();
  #calls = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answered) => {
      this.#hear(answer);
    });
    child.once('exit', () => {
      for (const { reject } of this.#running.values()) reject(new Error('the process has ended'));
      this.#running.clear();
    });
  }

  static async start(folder: string): Promise<BlobProcess> {
    const child = fork(PROGRAM, [folder], { serialization: 'advanced', execArgv: [] });
    await once(child, 'spawn');
    return new BlobProcess(child);
  }

  /** As a crash does. */
  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }

  async put(key: ContentKey, bytes: Uint8Array): Promise<void> {
    await this.#call({ name: 'put', key, bytes });
  }

  async append(
    upload: UploadId,
    offset: number,
    source: AsyncIterable<Uint8Array>,
    kept?: (end: number) => Promise<void>,
    step?: UploadStep,
  ): Promise<number> {
    const call: BlobCall = { name: 'append', upload, offset, step, tells: kept !== undefined };
    return (await this.#call(call, source[Symbol.asyncIterator](), kept)) as number;
  }

  async *readUpload(upload: UploadId, length: number, at?: string | null): AsyncGenerator<Uint8Array> {
    const call: BlobCall = { name: 'readUpload', upload, length, ...(at === undefined ? {} : { at }) };
    yield (await this.#call(call)) as Uint8Array;
  }

  async finish(upload: UploadId, key: ContentKey, size: number, at?: string | null): Promise<void> {
    await this.#call({ name: 'finish', upload, key, size, ...(at === undefined ? {} : { at }) });
  }

  async abort(upload: UploadId): Promise<void> {
    await this.#call({ name: 'abort', upload });
  }

  async read(key: ContentKey): Promise<Uint8Array> {
    return (await this.#call({ name: 'stream', key, range: undefined })) as Uint8Array;
  }

  async stream(key: ContentKey, range?: ByteRange): Promise<AsyncIterable<Uint8Array>> {
    return each([(await this.#call({ name: 'stream', key, range })) as Uint8Array]);
  }

  async stat(key: ContentKey): Promise<number | undefined> {
    return (await this.#call({ name: 'stat', key })) as number | undefined;
  }

  async marker(): Promise<string | undefined> {
    return (await this.#call({ name: 'marker' })) as string | undefined;
  }

  async mark(marker: string): Promise<void> {
    await this.#call({ name: 'mark', marker });
  }

  async delete(key: ContentKey): Promise<void> {
    await this.#call({ name: 'delete', key });
  }

  async *list(): AsyncGenerator<ContentKey & { readonly size: number }> {
    yield* (await this.#call({ name: 'list' })) as (ContentKey & { readonly size: number })[];
  }

  async *listUploads(): AsyncGenerator<UploadId> {
    yield* (await this.#call({ name: 'listUploads' })) as UploadId[];
  }

  #call(call: BlobCall, source?: AsyncIterator<Uint8Array>, kept?: Running['kept']): Promise<unknown> {
    this.#calls += 1;
    const id = this.#calls;
    return new Promise((resolve, reject) => {
      this.#running.set(id, { resolve, reject, source, kept });
      this.#say({ kind: 'call', id, call });
    });
  }

  #say(asked: Asked): void {
    // A process that dies meanwhile says so by its end.
    if (this.child.connected) this.child.send(asked, () => undefined);
  }

  #hear(answer: Answered): void {
    const { id } = answer;
    const running = this.#running.get(id);
    if (!running) return;
    switch (answer.kind) {
      case 'next':
        void this.#feed(id, running);
        return;
      case 'kept':
        void this.#tell(id, answer.end, running);
        return;
      case 'done':
        this.#running.delete(id);
        running.resolve(answer.value);
        return;
      case 'failed':
        this.#running.delete(id);
        running.reject(errorOf(answer.error));
    }
  }

  async #feed(id: number, { source }: Running): Promise<void> {
    try {
      const next = await source?.next();
      const chunk = next === undefined || next.done === true ? null : next.value;
      this.#say({ kind: 'chunk', id, chunk });
    } catch (error) {
      this.#say({ kind: 'chunk', id, chunk: null, failure: messageOf(error) });
    }
  }

  async #tell(id: number, end: number, { kept }: Running): Promise<void> {
    try {
      await kept?.(end);
      this.#say({ kind: 'told', id });
    } catch (error) {
      this.#say({ kind: 'told', id, failure: messageOf(error) });
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function errorOf(error: StoredError): Error {
  if (error.name === 'OffsetConflict') return new OffsetConflict(error.expected, error.actual);
  return error.name === 'ContentMissing' ? new ContentMissing(error.key) : new Error(error.message);
}

async function* each<T>(all: readonly T[]): AsyncGenerator<T> {
  yield* await Promise.resolve(all);
}
