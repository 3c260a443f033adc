import type { EventMetadata, ProjectableEvent, RecordedEvent } from '../../domain/shared/envelope.js';
import { position, type EventId, type StreamName } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Timestamp } from '../../domain/shared/time.js';

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

/** A row of `events` with its stream's name, in the order of `PROJECTABLE_COLUMNS`. */
export type ProjectableRow = [
  position: number,
  stream: string,
  revision: number,
  id: string,
  type: string,
  data: string,
  at: string,
  schema: number,
];

/** Of the metadata only two members: the engine finds them faster than all of it could be parsed. */
export const PROJECTABLE_COLUMNS =
  "events.position, streams.name, events.revision, events.id, events.type, events.data, events.metadata ->> '$.at', " +
  "events.metadata ->> '$.schema'";

export function parseProjectableRow(row: ProjectableRow): ProjectableEvent {
  const [place, stream, revision, id, type, data, at, schema] = row;
  return {
    id: id as EventId,
    type,
    data: JSON.parse(data) as JsonObject,
    metadata: { at: at as Timestamp, schema },
    stream: stream as StreamName,
    revision,
    position: position(place),
  };
}

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
