import type { Log } from '../sqlite/log.js';
import { afterPrefix } from '../sqlite/text.js';
import type { SmallContentStore } from './smallContents.js';

type Row = { readonly key: string; readonly size: number };

const PAGE = 1_000;
/** Greater than every key. */
const LAST = '\u{10ffff}';

/** Small contents in `log.sqlite`: many of them, and the events that name them, share one commit. */
export class SqliteSmallContents implements SmallContentStore {
  readonly #log: Log;
  readonly #select;
  readonly #page;

  constructor(log: Log) {
    this.#log = log;
    this.#select = log.reader.prepare<[string], Uint8Array>('SELECT bytes FROM contents WHERE key = ?').pluck();
    this.#page = log.reader.prepare<[string, string, number], Row>(
      'SELECT key, length(bytes) AS size FROM contents WHERE key > ? AND key < ? ORDER BY key LIMIT ?',
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
  *list(prefix = ''): Iterable<Row> {
    const end = afterPrefix(prefix) ?? LAST;
    for (let after = prefix; ;) {
      const page = this.#page.all(after, end, PAGE);
      yield* page;
      const last = page.at(-1);
      if (!last) return;
      after = last.key;
    }
  }
}
