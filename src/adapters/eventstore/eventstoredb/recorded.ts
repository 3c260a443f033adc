import type { AllStreamResolvedEvent, Position as LogPosition, ResolvedEvent } from '@eventstore/db-client';
import type { EventMetadata, RecordedEvent } from '../../../domain/shared/envelope.js';
import { position, START, type EventId, type Position, type StreamName } from '../../../domain/shared/ids.js';
import { isJsonObject } from '../../../domain/shared/json.js';

/** An event of the engine: ours, another system's or one of its own. */
export type Resolved = ResolvedEvent | AllStreamResolvedEvent;

/** What servers before 22.6 answer for an event that is read from its stream. */
const NOWHERE = 2n ** 64n - 1n;

/** Where an event lies in the log of the engine. */
export function placeOf({ event, link }: Resolved): LogPosition {
  const place = (link ?? event)?.position;
  if (!place || place.commit === NOWHERE) {
    throw new Error('EventStoreDB does not say where an event lies in its log: it must be version 22.6 or newer');
  }
  return place;
}

/** Twenty digits of the commit position: events that are appended without an explicit transaction have one each. */
export const positionOf = (resolved: Resolved): Position => position(placeOf(resolved).commit);

export const placeAt = (at: Position): LogPosition | 'start' =>
  at === START ? 'start' : { commit: BigInt(at), prepare: BigInt(at) };

/** Events of the engine itself, metadata of streams and links bear a `$`. */
export const isOfTheEngine = ({ event, link }: Resolved): boolean =>
  link !== undefined || !event || event.type.startsWith('$') || event.streamId.startsWith('$');

/**
 * The event as it was appended, with its place.
 *
 * @returns undefined for what is not ours: events of the engine, and of other systems that write to the same one
 */
export function recordedEvent(resolved: Resolved): RecordedEvent | undefined {
  const { event } = resolved;
  if (!event || isOfTheEngine(resolved) || !isJsonObject(event.data) || !isMetadata(event.metadata)) return undefined;
  return {
    id: event.id as EventId,
    type: event.type,
    data: event.data,
    metadata: event.metadata,
    stream: event.streamId as StreamName,
    revision: Number(event.revision),
    position: positionOf(resolved),
  };
}

export function recordedEvents(page: readonly Resolved[]): readonly RecordedEvent[] {
  return page.map(recordedEvent).filter((event) => event !== undefined);
}

/** Ours have a version of their schema and a hash; what follows was checked before it was appended. */
const isMetadata = (metadata: unknown): metadata is EventMetadata =>
  isJsonObject(metadata) && typeof metadata['schema'] === 'number' && typeof metadata['hash'] === 'string';
