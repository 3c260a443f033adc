import type { EventEnvelope } from '../../domain/shared/envelope.js';
import { EventsTooLarge } from '../../ports/errors.js';

/** Of the JSON of one event: data and metadata, in UTF-8. */
export const LARGEST_EVENT_BYTES = 64 * 1024;
/** Of the JSON of all events of one append. */
export const LARGEST_APPEND_BYTES = 1024 * 1024;

/**
 * What the writer stores: id, type, data and metadata of each event, one after the other.
 *
 * @throws EventsTooLarge
 */
export function serializeEvents(events: readonly EventEnvelope[]): readonly string[] {
  const fields: string[] = [];
  let total = 0;
  for (const event of events) {
    const data = JSON.stringify(event.data);
    const metadata = JSON.stringify(event.metadata);
    const bytes = Buffer.byteLength(data) + Buffer.byteLength(metadata);
    if (bytes > LARGEST_EVENT_BYTES) throw new EventsTooLarge(bytes);
    total += bytes;
    fields.push(event.id, event.type, data, metadata);
  }
  if (total > LARGEST_APPEND_BYTES) throw new EventsTooLarge(total);
  return fields;
}
