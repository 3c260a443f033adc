import type { EventMetadata, RecordedEvent } from '../../domain/shared/envelope.js';
import { position, type EventId, type StreamName } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';

/** A row of `events` with its stream's name, in the order of `EVENT_COLUMNS`. */
export type EventRow = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  data: string,
  metadata: string,
];

export const EVENT_COLUMNS =
  'events.position, streams.name, events.revision, events.id, events.type, events.data, events.metadata';

/** The parser of stored events: they were checked when they were appended and never change. */
export function parseEventRow([place, stream, revision, id, type, data, metadata]: EventRow): RecordedEvent {
  return {
    id: id as EventId,
    type,
    data: JSON.parse(data) as JsonObject,
    metadata: JSON.parse(metadata) as EventMetadata,
    stream: stream as StreamName,
    revision,
    position: position(place),
  };
}
