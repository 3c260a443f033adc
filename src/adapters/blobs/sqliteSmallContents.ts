import type { Log } from '../sqlite/log.js';
import type { SmallContentStore } from './smallContents.js';

type Row = { readonly id: number; readonly key: string; readonly size: number };

const PAGE = 1_000;

/** Small contents in `log.sqlite`: many of them, and the events that name them, share one commit. */
export class SqliteSmallContents implements SmallContentStore {
  readonly #log: Log;
  readonly #select;
  readonly #page;

  constructor(log: Log) {
    this.#log = log;
    this.#select = log.reader.prepare<[string], Uint8Array>('SELECT bytes FROM contents WHERE key = ?').pluck();
    this.#page = log.reader.prepare<[number, number], Row>(
      'SELECT id, key, length(bytes) AS size FROM contents WHERE id > ? ORDER BY id LIMIT ?',
    );
  }

  put(key: string, bytes: Uint8Array): Promise<void> {
    // Of a view into a larger buffer the thread would get a copy of all of that.
    const whole = bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
    return this.#log.writer.submit({ kind: 'bytes', key, bytes: whole }, () => undefined);
  }

  get(key: string): Uint8Array | undefined {
    return this.#select.get(key);
  }

  delete(key: string): Promise<void> {
    return this.#log.writer.submit({ kind: 'bytes', key, bytes: null }, () => undefined);
  }

  /** In pages, so that no long read keeps the write-ahead log from being checkpointed. */
  *list(): Iterable<Row> {
    for (let after = 0; ;) {
      const page = this.#page.all(after, PAGE);
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = last.id;
    }
  }
}
