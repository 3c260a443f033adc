import { BytesWriter } from './bytesWriter.js';
import { checkpoint, openForWriting, type Connection } from './database.js';
import { EventAppender } from './eventAppender.js';
import { logSchema } from './logSchema.js';
import type { Outcome, WriterRequest } from './protocol.js';
import { RecordWriter } from './recordWriter.js';

const PAGE_BYTES = 4096;

/** The owner of the read-write connection to `log.sqlite`: commits groups of requests, one transaction for each group. */
export class LogWriter {
  readonly #db: Connection;
  readonly #events: EventAppender;
  readonly #records: RecordWriter;
  readonly #bytes: BytesWriter;
  readonly #statements;
  #pagesInLog = 0;

  constructor(path: string) {
    this.#db = openForWriting(path, 'FULL', logSchema);
    this.#events = new EventAppender(this.#db);
    this.#records = new RecordWriter(this.#db);
    this.#bytes = new BytesWriter(this.#db);
    this.#statements = {
      begin: this.#db.prepare('BEGIN IMMEDIATE'),
      commit: this.#db.prepare('COMMIT'),
      rollback: this.#db.prepare('ROLLBACK'),
    };
  }

  /** Pages that the write-ahead log has taken since it was last checkpointed: a generous estimate. */
  get pagesInLog(): number {
    return this.#pagesInLog;
  }

  /**
   * Executes the requests in order; what it returns is durable. A refused request does not touch the others.
   *
   * @throws whatever the engine says (disk full, I/O error); none of the requests has taken effect then
   */
  commit(requests: readonly WriterRequest[]): readonly Outcome[] {
    this.#statements.begin.run();
    try {
      const outcomes = requests.map((request) => this.#execute(request));
      this.#statements.commit.run();
      return outcomes;
    } catch (error) {
      // Some errors (SQLITE_FULL, SQLITE_IOERR) have rolled back already.
      if (this.#db.inTransaction) this.#statements.rollback.run();
      this.#events.forget();
      throw error;
    }
  }

  checkpoint(): void {
    if (checkpoint(this.#db, 'PASSIVE')) this.#pagesInLog = 0;
  }

  close(): void {
    checkpoint(this.#db, 'TRUNCATE');
    this.#db.close();
  }

  #execute(request: WriterRequest): Outcome {
    this.#pagesInLog += 2 + sizeOf(request) / PAGE_BYTES;
    switch (request.kind) {
      case 'append':
        return this.#events.append(request);
      case 'write':
        return this.#records.write(request);
      case 'bytes':
        return this.#bytes.write(request);
    }
  }
}

function sizeOf(request: WriterRequest): number {
  switch (request.kind) {
    case 'append':
      return request.fields.reduce((sum, field) => sum + field.length, 0);
    case 'write':
      return request.writes.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
    case 'bytes':
      return request.bytes?.byteLength ?? 0;
  }
}
