import type { ProjectableEvent, RecordedEvent } from '../../domain/shared/envelope.js';
import { position, type Position, type StreamName } from '../../domain/shared/ids.js';
import type { Connection } from '../sqlite/database.js';
import {
  EVENT_COLUMNS,
  parseEventRow,
  parseProjectableRow,
  PROJECTABLE_COLUMNS,
  type EventRow,
  type ProjectableRow,
} from './eventRows.js';

/** The queries over `log.sqlite`. They see every committed event, also one whose appender has not been told yet. */
export class EventReader {
  readonly #statements;

  constructor(db: Connection) {
    const events = `SELECT ${EVENT_COLUMNS} FROM events JOIN streams ON streams.id = events.stream`;
    this.#statements = {
      stream: db
        .prepare<[string, number, number], EventRow>(
          `${events} WHERE streams.name = ? AND events.revision >= ? ORDER BY events.revision LIMIT ?`,
        )
        .raw(),
      last: db
        .prepare<[string], EventRow>(`${events} WHERE streams.name = ? ORDER BY events.revision DESC LIMIT 1`)
        .raw(),
      all: db
        .prepare<[number, number], EventRow>(`${events} WHERE events.position > ? ORDER BY events.position LIMIT ?`)
        .raw(),
      ofTypes: db
        .prepare<[number, number, string, number], ProjectableRow>(
          `SELECT ${PROJECTABLE_COLUMNS} FROM events JOIN streams ON streams.id = events.stream
           WHERE events.position > ? AND events.position <= ? AND events.type IN (SELECT value FROM json_each(?))
           ORDER BY events.position LIMIT ?`,
        )
        .raw(),
      end: db.prepare<[], number>('SELECT ifnull(max(position), 0) FROM events').pluck(),
    };
  }

  /** Events of one stream from a revision on, at most `limit`. */
  stream(stream: StreamName, from: number, limit: number): readonly RecordedEvent[] {
    return this.#statements.stream.all(stream, from, limit).map(parseEventRow);
  }

  last(stream: StreamName): RecordedEvent | undefined {
    const row = this.#statements.last.get(stream);
    return row && parseEventRow(row);
  }

  /** Events of the log strictly after a position, at most `limit`. */
  all(after: Position, limit: number): readonly RecordedEvent[] {
    return this.#statements.all.all(Number(after), limit).map(parseEventRow);
  }

  /** Events of some types strictly after a position and up to another (inclusive), at most `limit`. */
  ofTypes(types: readonly string[], after: Position, until: Position, limit: number): readonly ProjectableEvent[] {
    const rows = this.#statements.ofTypes.all(Number(after), Number(until), JSON.stringify(types), limit);
    return rows.map(parseProjectableRow);
  }

  end(): Position {
    return position(this.#statements.end.get() ?? 0);
  }
}
