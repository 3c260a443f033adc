import { randomUUID } from 'node:crypto';
import { LogFile } from './logFile.js';

export type ProposedEvent = {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
};

export type LogRecord = ProposedEvent & {
  /** Byte where the record begins, as on the genuine server: its commit and prepare position. */
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly createdMilliseconds: number;
};

/** -1: the stream must not exist. */
export type Expected = number | 'any' | 'exists';

export type Outcome =
  | { readonly kind: 'appended'; readonly revision: number; readonly first: number; readonly last: number }
  | { readonly kind: 'conflict'; readonly current: number }
  | { readonly kind: 'deleted' };

/** Revision of the event that ends a stream for ever. */
export const TOMBSTONE = Number.MAX_SAFE_INTEGER;
const TOMBSTONE_ON_THE_WIRE = 2n ** 63n - 1n;
/** Value of `$tb` in the metadata of a stream that was deleted and may be begun again. */
export const ALL_TRUNCATED = TOMBSTONE_ON_THE_WIRE.toString();

export const revisionOnTheWire = (revision: number): string =>
  (revision === TOMBSTONE ? TOMBSTONE_ON_THE_WIRE : revision).toString();

/** What a record takes on disk besides its texts and bytes, roughly. */
const RECORD_OVERHEAD_BYTES = 92;

export type ReadableStream = {
  readonly first: number;
  readonly last: number;
  readonly at: (revision: number) => LogRecord | undefined;
};

type Stream = { readonly records: LogRecord[]; truncateBefore: number };

type Listener = (records: readonly LogRecord[]) => void;

/**
 * The log of a node: the rules by which the genuine server decides an append, and what a read may see. Whatever is
 * answered or shown has been written to the file before, if there is one.
 */
export class EventLog {
  readonly #records: LogRecord[] = [];
  readonly #streams = new Map<string, Stream>();
  readonly #listeners = new Set<Listener>();
  #nextPosition = 0;
  #visible = 0;
  #flushing: Promise<void> | undefined;

  private constructor(private readonly file: LogFile | undefined) {}

  /** @param path of the file that keeps it; undefined: nothing outlives the process */
  static async open(path?: string): Promise<EventLog> {
    const file = path === undefined ? undefined : await LogFile.open(path);
    const log = new EventLog(file);
    for (const record of file?.found ?? []) log.#apply(record);
    log.#visible = log.#records.length;
    await log.#begin();
    return log;
  }

  /** Each start is an epoch; a new database has users and settings, too. */
  async #begin(): Promise<void> {
    const isNew = this.#records.length === 0;
    if (isNew) this.#nextPosition = 301;
    await this.system('$epoch-information', '$epoch-information');
    if (!isNew) return;
    await this.system('$user-admin', '$UserCreated');
    await this.system('$users', '$User');
  }

  /** An event of the server's own. */
  async system(stream: string, type: string, data: object = {}): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(data));
    await this.append(stream, 'any', [
      { id: randomUUID(), type, isJson: true, data: bytes, metadata: Buffer.alloc(0) },
    ]);
  }

  async append(stream: string, expected: Expected, events: readonly ProposedEvent[]): Promise<Outcome> {
    const outcome = this.#decide(stream, expected, events);
    await this.#flushed();
    return outcome;
  }

  /** @param isFinal whether the stream may never be begun again */
  async delete(stream: string, expected: Expected, isFinal: boolean): Promise<Outcome> {
    const refused = this.#refusal(stream, expected, this.#current(stream));
    if (refused) return refused;
    if (isFinal) this.#write(stream, TOMBSTONE, proposed('$streamDeleted', '{}'));
    else this.#writeMetadata(stream, ALL_TRUNCATED);
    await this.#flushed();
    return { kind: 'appended', revision: this.#current(stream), first: 0, last: this.#end };
  }

  /** What may be read of a stream, by revision: from `first` up to `last`. */
  stream(name: string): 'none' | 'deleted' | ReadableStream {
    const stream = this.#streams.get(name);
    const last = stream?.records.findLast((record) => this.#isVisible(record))?.revision;
    if (!stream || last === undefined) return 'none';
    if (last === TOMBSTONE) return 'deleted';
    if (stream.truncateBefore > last) return 'none';
    return { first: stream.truncateBefore, last, at: (revision) => stream.records[revision] };
  }

  /** @param from inclusive */
  *forwards(from: number): Generator<LogRecord, void, undefined> {
    for (let index = this.#indexOf(from); index < this.#visible; index++) yield this.#at(index);
  }

  /** @param before exclusive */
  *backwards(before: number): Generator<LogRecord, void, undefined> {
    for (let index = Math.min(this.#indexOf(before), this.#visible) - 1; index >= 0; index--) yield this.#at(index);
  }

  /** @returns a function that ends it */
  onAppended(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.file?.close();
  }

  #decide(stream: string, expected: Expected, events: readonly ProposedEvent[]): Outcome {
    const current = this.#current(stream);
    const refused = this.#refusal(stream, expected, current, events);
    if (refused) return refused;
    if (this.#isSoftDeleted(stream)) this.#writeMetadata(stream, String(current + 1));
    const first = this.#nextPosition;
    events.forEach((event, index) => {
      this.#write(stream, current + 1 + index, event);
    });
    return { kind: 'appended', revision: current + events.length, first, last: this.#end };
  }

  /** @returns undefined if the events are to be written; an append that repeats another is answered like that one */
  #refusal(
    stream: string,
    expected: Expected,
    current: number,
    events: readonly ProposedEvent[] = [],
  ): Outcome | undefined {
    if (current === TOMBSTONE) return { kind: 'deleted' };
    if (expected === 'any' || (expected === 'exists' && current >= 0)) return undefined;
    if (expected === 'exists' || expected > current) return { kind: 'conflict', current };
    if (expected === current) return undefined;
    const records = this.#streams.get(stream)?.records ?? [];
    const there = records.slice(expected + 1, expected + 1 + events.length);
    const isRepeated = events.length > 0 && events.every(({ id }, index) => there[index]?.id === id);
    const [first, last] = [there[0], there.at(-1)];
    if (isRepeated && first && last) {
      return { kind: 'appended', revision: last.revision, first: first.position, last: last.position };
    }
    return expected === -1 && this.#isSoftDeleted(stream) ? undefined : { kind: 'conflict', current };
  }

  #current(stream: string): number {
    return this.#streams.get(stream)?.records.at(-1)?.revision ?? -1;
  }

  #isSoftDeleted(stream: string): boolean {
    return (this.#streams.get(stream)?.truncateBefore ?? 0) === TOMBSTONE;
  }

  #writeMetadata(stream: string, truncateBefore: string): void {
    const name = `$$${stream}`;
    this.#write(name, this.#current(name) + 1, proposed('$metadata', `{"$tb":${truncateBefore}}`));
  }

  #write(stream: string, revision: number, event: ProposedEvent): void {
    const record = { ...event, stream, revision, position: this.#nextPosition, createdMilliseconds: Date.now() };
    this.#apply(record);
    this.file?.add(record);
  }

  #apply(record: LogRecord): void {
    this.#records.push(record);
    this.#streamOf(record.stream).records.push(record);
    this.#nextPosition = record.position + sizeOf(record);
    if (record.type !== '$metadata' || !record.stream.startsWith('$$')) return;
    const [, truncateBefore] = /"\$tb":(\d+)/.exec(Buffer.from(record.data).toString()) ?? [];
    if (truncateBefore === undefined) return;
    const isAll = truncateBefore === ALL_TRUNCATED;
    this.#streamOf(record.stream.slice(2)).truncateBefore = isAll ? TOMBSTONE : Number(truncateBefore);
  }

  #streamOf(name: string): Stream {
    const known = this.#streams.get(name);
    if (known) return known;
    const stream = { records: [], truncateBefore: 0 };
    this.#streams.set(name, stream);
    return stream;
  }

  /** Settles when everything written so far is durable and visible. One flush at a time takes all that is there. */
  async #flushed(): Promise<void> {
    const written = this.#records.length;
    while (this.#visible < written) await (this.#flushing ??= this.#flush());
  }

  async #flush(): Promise<void> {
    const from = this.#visible;
    const to = this.#records.length;
    try {
      await this.file?.flush();
    } finally {
      this.#flushing = undefined;
    }
    this.#visible = to;
    const shown = this.#records.slice(from, to);
    for (const listener of this.#listeners) listener(shown);
  }

  #isVisible({ position }: LogRecord): boolean {
    const last = this.#records[this.#visible - 1];
    return last !== undefined && position <= last.position;
  }

  get #end(): number {
    return this.#records.at(-1)?.position ?? 0;
  }

  #at(index: number): LogRecord {
    const record = this.#records[index];
    if (!record) throw new RangeError(`the log has no record ${index}`);
    return record;
  }

  /** Of the first record at a position or after it. */
  #indexOf(position: number): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#at(middle).position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const sizeOf = ({ stream, type, data, metadata }: LogRecord): number =>
  RECORD_OVERHEAD_BYTES + stream.length + type.length + data.byteLength + metadata.byteLength;

const proposed = (type: string, data: string): ProposedEvent => ({
  ...{ id: randomUUID(), type, isJson: true },
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});
