import { LRUCache } from 'lru-cache';
import type { Connection } from './database.js';
import { NO_STREAM, status, type AppendRequest, type Outcome } from './protocol.js';

type Head = { readonly id: number; readonly revision: number };

const FIELDS_PER_EVENT = 4;
const REMEMBERED_STREAMS = 50_000;

const revisionConflict: Outcome = { status: status.revisionConflict, first: 0, second: 0 };
const idTaken: Outcome = { status: status.idTaken, first: 0, second: 0 };

/**
 * Appends to streams inside the transaction of the caller. Everything is checked before the first row is written, so
 * that a refused append leaves nothing behind in the transaction that it shares with others.
 */
export class EventAppender {
  readonly #heads = new LRUCache<string, Head>({ max: REMEMBERED_STREAMS });
  readonly #statements;
  #lastPosition: number;

  constructor(db: Connection) {
    this.#statements = {
      head: db
        .prepare<[string], [id: number, revision: number | null]>(
          'SELECT id, (SELECT max(revision) FROM events WHERE stream = streams.id) FROM streams WHERE name = ?',
        )
        .raw(),
      createStream: db.prepare<[string]>('INSERT INTO streams (name) VALUES (?)'),
      idExists: db.prepare<[string], number>('SELECT 1 FROM events WHERE id = ?').pluck(),
      stored: db
        .prepare<[number, number], [id: string, position: number]>(
          'SELECT id, position FROM events WHERE stream = ? AND revision = ?',
        )
        .raw(),
      insert: db.prepare<[number, number, number, string, string, string, string]>(
        'INSERT INTO events (position, stream, revision, id, type, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      lastPosition: db.prepare<[], number>('SELECT ifnull(max(position), 0) FROM events').pluck(),
    };
    this.#lastPosition = this.#statements.lastPosition.get() ?? 0;
  }

  append(request: AppendRequest): Outcome {
    const head = this.#head(request.stream);
    const revision = head?.revision ?? NO_STREAM;
    if (revision !== request.expected) return (head && this.#repeated(head, request)) ?? revisionConflict;
    if (this.#takesAnId(request.fields)) return idTaken;
    return this.#insert(request, head?.id ?? this.#createStream(request.stream));
  }

  /** To be called when the transaction was rolled back: what is remembered may never have happened. */
  forget(): void {
    this.#heads.clear();
    this.#lastPosition = this.#statements.lastPosition.get() ?? 0;
  }

  #head(stream: string): Head | undefined {
    const remembered = this.#heads.get(stream);
    if (remembered) return remembered;
    const row = this.#statements.head.get(stream);
    if (!row) return undefined;
    const head = { id: row[0], revision: row[1] ?? NO_STREAM };
    this.#heads.set(stream, head);
    return head;
  }

  #createStream(stream: string): number {
    return Number(this.#statements.createStream.run(stream).lastInsertRowid);
  }

  /** The answer of the first time, if these very events already follow the expected revision. */
  #repeated(head: Head, request: AppendRequest): Outcome | undefined {
    const count = request.fields.length / FIELDS_PER_EVENT;
    const last = request.expected + count;
    if (last > head.revision) return undefined;
    let position = 0;
    for (let index = 0; index < count; index++) {
      const row = this.#statements.stored.get(head.id, request.expected + 1 + index);
      if (!row || row[0] !== request.fields[index * FIELDS_PER_EVENT]) return undefined;
      position = row[1];
    }
    return { status: status.repeated, first: position, second: last };
  }

  #takesAnId(fields: readonly string[]): boolean {
    const ids = new Set<string>();
    for (let field = 0; field < fields.length; field += FIELDS_PER_EVENT) {
      const id = fields[field] ?? '';
      if (ids.has(id) || this.#statements.idExists.get(id) !== undefined) return true;
      ids.add(id);
    }
    return false;
  }

  #insert(request: AppendRequest, streamId: number): Outcome {
    const { fields } = request;
    let revision = request.expected;
    for (let field = 0; field < fields.length; field += FIELDS_PER_EVENT) {
      const [id = '', type = '', data = '', metadata = ''] = fields.slice(field, field + FIELDS_PER_EVENT);
      this.#statements.insert.run(++this.#lastPosition, streamId, ++revision, id, type, data, metadata);
    }
    this.#heads.set(request.stream, { id: streamId, revision });
    return { status: status.committed, first: this.#lastPosition, second: revision };
  }
}
