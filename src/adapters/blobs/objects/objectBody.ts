import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteRange } from '../../../ports/blobStore.js';
import { ContentMissing, StoreUnavailable } from '../../../ports/errors.js';
import type { ObjectStore, OpenObject } from './objectStore.js';

/** Times that reading goes on after an answer that broke off without a further byte. */
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 100;

/**
 * The bytes of an object, all of them or an error: where an answer breaks off, or ends early, another one is asked for
 * what is missing. Objects never change, so the pieces fit.
 */
export class ObjectBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #bytes: AsyncGenerator<Uint8Array, undefined>;
  #opened: OpenObject;
  #ended = false;

  /** @param range what `opened` was opened for, both ends included */
  constructor(
    private readonly objects: ObjectStore,
    private readonly name: string,
    opened: OpenObject,
    private readonly range: ByteRange,
    private readonly lent = false,
  ) {
    this.#opened = opened;
    this.#bytes = this.#read();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return this.#bytes.next();
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#ended = true;
    this.#opened.discard();
    await this.#bytes.return(undefined);
    return { done: true, value: undefined };
  }

  /** @throws ContentMissing if it is deleted meanwhile, StoreUnavailable */
  async *#read(): AsyncGenerator<Uint8Array, undefined> {
    const { end } = this.range;
    let [at, failures] = [this.range.start, 0];
    for (;;) {
      const before = at;
      let cause: unknown;
      try {
        for await (const chunk of this.#opened.body) {
          at += chunk.byteLength;
          yield chunk;
        }
      } catch (error) {
        cause = error;
      }
      if (at > end || this.#ended) return undefined;
      failures = at > before ? 1 : failures + 1;
      if (failures > ATTEMPTS) throw new StoreUnavailable(`reading ${this.name} broke off at byte ${at}`, { cause });
      await sleep(FIRST_PAUSE_MS * 2 ** (failures - 1));
      const again = await this.objects.open(this.name, { start: at, end }, this.lent);
      if (!again) throw new ContentMissing(this.name);
      this.#opened = again;
    }
  }
}
