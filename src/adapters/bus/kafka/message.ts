import type { EventMetadata, RecordedEvent } from '../../../domain/shared/envelope.js';
import type { EventId, Position, StreamName } from '../../../domain/shared/ids.js';
import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import type { Sealed } from '../../../domain/shared/sealed.js';
import type { Timestamp } from '../../../domain/shared/time.js';

/** What an event is on the wire: the key is its stream, the value its data as JSON, the headers are all the rest. */
export type EventMessage = {
  readonly key: string;
  readonly value: string;
  readonly headers: Record<string, string>;
};

/** A message as it is read: whoever may write to the topic can have put anything there. */
export type ReadMessage = {
  readonly key: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?:
    { readonly [name: string]: Buffer | string | readonly (Buffer | string)[] | undefined } | undefined;
};

/** The message is no event of ours, and never will be. */
export class NotAnEvent extends Error {
  constructor(reason: string) {
    super(`the message is no event: ${reason}`);
    this.name = 'NotAnEvent';
  }
}

/** Where the JSON Schema of an event's data is served. */
export const schemaAddress = (source: string, type: string, version: number): string =>
  `${source}/api/v1/events/schemas/${type}/${version}`;

/**
 * CloudEvents 1.0, Kafka binding, binary mode. Attributes are scalars, so that nothing is lost where an event is passed
 * on by another protocol; what is null has no header.
 *
 * @param source the registry's address, `https://registry.example.com`
 * @see cloudevents/spec 1.0.2, kafka-protocol-binding.md, section 3.2
 */
export function toMessage(event: RecordedEvent, source: string): EventMessage {
  const { id, type, stream, data, metadata, position, revision } = event;
  const { actor, credential, ip, userAgent } = metadata;
  const headers = {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: id,
    ce_source: source,
    ce_type: type,
    ce_subject: stream,
    ce_time: metadata.at,
    ce_dataschema: schemaAddress(source, type, metadata.schema),
    ce_schemaversion: String(metadata.schema),
    ce_position: position,
    ce_revision: String(revision),
    ce_actorkind: actor.kind,
    ce_actorid: actor.id,
    ce_credentialkind: credential?.kind,
    ce_credentialid: credential?.id,
    ce_via: metadata.via,
    ce_assuperuser: String(metadata.asSuperuser),
    ce_ipsubject: ip?.subject,
    ce_ipbox: ip?.box,
    ce_useragentsubject: userAgent?.subject,
    ce_useragentbox: userAgent?.box,
    ce_correlationid: metadata.correlationId,
    ce_causationid: metadata.causationId,
    ce_prevhash: metadata.prevHash,
    ce_hash: metadata.hash,
  };
  return { key: stream, value: JSON.stringify(data), headers: present(headers) };
}

/**
 * The event of a message. Kinds of actors and the like are taken as they are: a newer relay may know more of them.
 *
 * @throws NotAnEvent
 */
export function fromMessage(message: ReadMessage): RecordedEvent {
  const headers = new Attributes(message.headers ?? {});
  if (headers.text('ce_specversion') !== '1.0') throw new NotAnEvent('it is not CloudEvents 1.0');
  const stream = headers.text('ce_subject');
  if (message.key?.toString() !== stream) throw new NotAnEvent('its key is not its subject');
  return {
    id: headers.text('ce_id') as EventId,
    type: headers.text('ce_type'),
    data: dataOf(message),
    metadata: metadataOf(headers),
    stream: stream as StreamName,
    revision: headers.integer('ce_revision'),
    position: headers.matching('ce_position', /^\d{20}$/) as Position,
  };
}

/** The casts name what is written by us; what matters for safety, a shape that code can rely on, is checked. */
function metadataOf(headers: Attributes): EventMetadata {
  return {
    schema: headers.integer('ce_schemaversion'),
    at: headers.matching('ce_time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as Timestamp,
    actor: { kind: headers.text('ce_actorkind'), id: headers.optional('ce_actorid') } as EventMetadata['actor'],
    credential: pair(headers, 'ce_credential', 'kind', 'id') as EventMetadata['credential'],
    via: headers.text('ce_via') as EventMetadata['via'],
    asSuperuser: headers.matching('ce_assuperuser', /^(true|false)$/) === 'true',
    ip: pair(headers, 'ce_ip', 'subject', 'box') as Sealed | null,
    userAgent: pair(headers, 'ce_useragent', 'subject', 'box') as Sealed | null,
    correlationId: headers.text('ce_correlationid'),
    causationId: headers.optional('ce_causationid'),
    prevHash: headers.optional('ce_prevhash'),
    hash: headers.text('ce_hash'),
  };
}

function dataOf({ value, headers }: ReadMessage): JsonObject {
  if (new Attributes(headers ?? {}).text('content-type') !== 'application/json')
    throw new NotAnEvent('its data are not JSON');
  if (value === null) throw new NotAnEvent('it has no value');
  try {
    const data: unknown = JSON.parse(value.toString());
    if (isJsonObject(data)) return data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new NotAnEvent('its value is no JSON object');
}

/** Two headers that come together or not at all. */
function pair(headers: Attributes, prefix: string, ...names: readonly [string, string]): JsonObject | null {
  const [one, other] = names.map((name) => headers.optional(prefix + name));
  if (one === null && other === null) return null;
  return Object.fromEntries(names.map((name) => [name, headers.text(prefix + name)]));
}

class Attributes {
  constructor(private readonly headers: NonNullable<ReadMessage['headers']>) {}

  text(name: string): string {
    const text = this.optional(name);
    if (text === null) throw new NotAnEvent(`it has no header ${name}`);
    return text;
  }

  optional(name: string): string | null {
    const value = this.headers[name];
    if (value === undefined) return null;
    if (typeof value !== 'string' && !Buffer.isBuffer(value)) throw new NotAnEvent(`header ${name} comes twice`);
    return value.toString();
  }

  matching(name: string, pattern: RegExp): string {
    const text = this.text(name);
    if (!pattern.test(text)) throw new NotAnEvent(`header ${name} is malformed`);
    return text;
  }

  integer(name: string): number {
    const value = Number(this.matching(name, /^\d+$/));
    if (!Number.isSafeInteger(value)) throw new NotAnEvent(`header ${name} is malformed`);
    return value;
  }
}

const present = (headers: Readonly<Record<string, string | null | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
