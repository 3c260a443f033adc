import { createHash } from 'node:crypto';

/**
 * The hash that a message should have, by all the rest of it: SHA-256 over the canonical JSON (RFC 8785) of the event,
 * with its place in its stream and the hash of the event before it. It is right if it is the header `ce_hash`.
 *
 * @param message as a client of Kafka gives it: `value` and `headers` are bytes
 */
export function hashOf({ value, headers }) {
  const header = (name) => headers[`ce_${name}`]?.toString() ?? null;
  const sealed = (name) =>
    header(`${name}box`) ? { subject: header(`${name}subject`), box: header(`${name}box`) } : null;
  const event = {
    stream: header('subject'),
    revision: Number(header('revision')),
    id: header('id'),
    type: header('type'),
    data: JSON.parse(value.toString()),
    metadata: {
      schema: Number(header('schemaversion')),
      at: header('time'),
      actor: { kind: header('actorkind'), id: header('actorid') },
      credential: header('credentialkind') ? { kind: header('credentialkind'), id: header('credentialid') } : null,
      via: header('via'),
      asSuperuser: header('assuperuser') === 'true',
      ip: sealed('ip'),
      userAgent: sealed('useragent'),
      correlationId: header('correlationid'),
      causationId: header('causationid'),
      prevHash: header('prevhash'),
    },
  };
  return createHash('sha256').update(canonical(event)).digest('hex');
}

function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}
