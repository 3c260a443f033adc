import { randomUUID } from 'node:crypto';
import type { EventEnvelope, RecordedEvent } from '../../domain/shared/envelope.js';
import type { EventId, Position, StreamName } from '../../domain/shared/ids.js';
import type { JsonObject } from '../../domain/shared/json.js';
import type { Timestamp } from '../../domain/shared/time.js';
import type { EventStore } from '../../ports/eventStore.js';

/** A stream that no other test knows, so that suites can share an engine. */
export const newStream = (): StreamName => `sample-${randomUUID()}` as StreamName;

export const sampleEvent = (data: JsonObject = { tag: 'latest' }): EventEnvelope => ({
  id: randomUUID() as EventId,
  type: 'TagMoved',
  data,
  metadata: {
    schema: 1,
    at: '2026-06-18T18:59:13.042Z' as Timestamp,
    actor: { kind: 'user', id: '01890a5d-ac96-774b-bcce-b302099a8057' },
    credential: { kind: 'robot-token', id: '01890a5d-ac96-774b-bcce-b302099a8058' },
    via: 'registry',
    asSuperuser: false,
    ip: { subject: 'activity:202606', box: 'c2VhbGVk' },
    userAgent: null,
    correlationId: 'c0ffee',
    causationId: null,
    prevHash: null,
    hash: 'ab'.repeat(32),
  },
});

/** Events whose data tell them apart by `number`, from 0. */
export const sampleEvents = (count: number): readonly EventEnvelope[] =>
  Array.from({ length: count }, (_, number) => sampleEvent({ number }));

export const idsOf = (events: readonly { readonly id: EventId }[]): readonly EventId[] => events.map(({ id }) => id);

export async function readStream(store: EventStore, stream: StreamName, from?: number): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const event of store.read(stream, from)) events.push(event);
  return events;
}

/** Subscribes until `count` events of these streams have come; whatever else is in the log is passed over. */
export async function follow(
  store: EventStore,
  after: Position,
  streams: readonly StreamName[],
  count: number,
): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  if (count === 0) return events;
  for await (const batch of store.subscribeAll(after, new AbortController().signal)) {
    events.push(...batch.filter(({ stream }) => streams.includes(stream)));
    if (events.length >= count) break;
  }
  return events;
}
