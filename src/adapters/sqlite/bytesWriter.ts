import type { Connection } from './database.js';
import { status, type BytesRequest, type Outcome } from './protocol.js';

const committed: Outcome = { status: status.committed, first: 0, second: 0 };

/** Writes small contents inside the transaction of the caller. */
export class BytesWriter {
  readonly #statements;

  constructor(db: Connection) {
    this.#statements = {
      put: db.prepare<[string, Uint8Array]>(
        'INSERT INTO contents (key, bytes) VALUES (?, ?) ON CONFLICT DO UPDATE SET bytes = excluded.bytes',
      ),
      remove: db.prepare<[string]>('DELETE FROM contents WHERE key = ?'),
    };
  }

  write({ key, bytes }: BytesRequest): Outcome {
    if (bytes === null) this.#statements.remove.run(key);
    else this.#statements.put.run(key, bytes);
    return committed;
  }
}
