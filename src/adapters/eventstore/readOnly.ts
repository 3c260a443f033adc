/* eslint-disable @typescript-eslint/require-await -- the port is asynchronous, reading this engine is not */
import type { ProjectableEvent, RecordedEvent } from '../../domain/shared/envelope.js';
import type { Position, StreamName } from '../../domain/shared/ids.js';
import type { EventStore } from '../../ports/eventStore.js';
import { openLogForReading } from '../sqlite/log.js';
import { EventReader } from './eventReader.js';

/** The reading half of the event store, beside the process that owns the log or beside none. */
export type ReadOnlyEvents = Pick<EventStore, 'readLast' | 'readAll' | 'end'> & {
  /** Events of some types strictly after a position and up to another (inclusive), at most `limit`; none: there are no more. */
  readOfTypes(types: readonly string[], after: Position, until: Position, limit: number): readonly ProjectableEvent[];
  close(): void;
};

/** @param path of `log.sqlite`. @throws if there is no log */
export function openReadOnlyEvents(path: string): ReadOnlyEvents {
  const connection = openLogForReading(path);
  const reader = new EventReader(connection);
  return {
    readLast: async (stream: StreamName): Promise<RecordedEvent | undefined> => reader.last(stream),
    readAll: async (after: Position, limit: number): Promise<readonly RecordedEvent[]> => reader.all(after, limit),
    readOfTypes: (types, after, until, limit) => reader.ofTypes(types, after, until, limit),
    end: async (): Promise<Position> => reader.end(),
    close: () => {
      connection.close();
    },
  };
}
