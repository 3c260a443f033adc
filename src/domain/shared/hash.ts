import { hash } from 'node:crypto';
import { canonicalJson } from './canonicalJson.js';
import type { EventEnvelope, EventMetadata } from './envelope.js';
import type { StreamName } from './ids.js';

/** Everything of an event but its own hash. */
export type Unhashed = Omit<EventEnvelope, 'metadata'> & { readonly metadata: Omit<EventMetadata, 'hash'> };

/**
 * SHA-256 in hex over the canonical JSON (RFC 8785) of the event, its stream's name and its revision. The metadata
 * holds the hash of the event before it in the stream, so that altering, removing or reordering one breaks all after it.
 */
export function eventHash(stream: StreamName, revision: number, { id, type, data, metadata }: Unhashed): string {
  const { schema, at, actor, credential, via, asSuperuser, ip, userAgent, correlationId, causationId, prevHash } =
    metadata;
  const text = canonicalJson({
    stream,
    revision,
    id,
    type,
    data,
    metadata: { schema, at, actor, credential, via, asSuperuser, ip, userAgent, correlationId, causationId, prevHash },
  });
  return hash('sha256', text, 'hex');
}
