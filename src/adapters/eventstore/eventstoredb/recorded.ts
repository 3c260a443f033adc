import type { AllStreamResolvedEvent, Position as LogPosition, ResolvedEvent } from '@eventstore/db-client';
import { position, START, type Position } from '../../../domain/shared/ids.js';

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
