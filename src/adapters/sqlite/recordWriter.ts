import type { Connection } from './database.js';
import { status, type Outcome, type RecordWrite, type WriteRequest } from './protocol.js';

const committed: Outcome = { status: status.committed, first: 0, second: 0 };

/**
 * Writes operational records inside the transaction of the caller, by compare-and-set. The writes of one request take
 * effect together or not at all.
 */
export class RecordWriter {
  readonly #statements;

  constructor(db: Connection) {
    this.#statements = {
      savepoint: db.prepare('SAVEPOINT request'),
      release: db.prepare('RELEASE request'),
      undo: db.prepare('ROLLBACK TO request'),
      exists: db.prepare<[string, string], number>('SELECT 1 FROM records WHERE collection = ? AND key = ?').pluck(),
      put: db.prepare<[string, string, string | null, string]>(
        `INSERT INTO records (collection, key, version, due, value) VALUES (?, ?, 1, ?, ?)
         ON CONFLICT DO UPDATE SET version = version + 1, due = excluded.due, value = excluded.value`,
      ),
      create: db.prepare<[string, string, string | null, string]>(
        'INSERT INTO records (collection, key, version, due, value) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO NOTHING',
      ),
      replace: db.prepare<[string | null, string, string, string, number]>(
        'UPDATE records SET version = version + 1, due = ?, value = ? WHERE collection = ? AND key = ? AND version = ?',
      ),
      remove: db.prepare<[string, string]>('DELETE FROM records WHERE collection = ? AND key = ?'),
      removeVersion: db.prepare<[string, string, number]>(
        'DELETE FROM records WHERE collection = ? AND key = ? AND version = ?',
      ),
    };
  }

  write({ writes }: WriteRequest): Outcome {
    // One statement undoes itself; a savepoint is needed only where an earlier write has to be undone.
    if (writes.length === 1) return this.#writeAll(writes);
    this.#statements.savepoint.run();
    const outcome = this.#writeAll(writes);
    if (outcome.status !== status.committed) this.#statements.undo.run();
    this.#statements.release.run();
    return outcome;
  }

  #writeAll(writes: readonly RecordWrite[]): Outcome {
    const lost = writes.findIndex((write) => !this.#apply(write));
    return lost < 0 ? committed : { status: status.versionConflict, first: lost, second: 0 };
  }

  /** @returns false if the record was not at the expected version */
  #apply({ collection, key, expected, value, due }: RecordWrite): boolean {
    const { exists, put, create, replace, remove, removeVersion } = this.#statements;
    if (value === null) {
      if (expected === 0) return exists.get(collection, key) === undefined;
      if (expected !== null) return removeVersion.run(collection, key, expected).changes === 1;
      remove.run(collection, key);
      return true;
    }
    if (expected === null) return put.run(collection, key, due, value).changes === 1;
    if (expected === 0) return create.run(collection, key, due, value).changes === 1;
    return replace.run(due, value, collection, key, expected).changes === 1;
  }
}
