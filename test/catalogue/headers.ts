import type { JsonObject } from '../../src/domain/shared/json.js';
import { at, isList, member } from './json.js';
import { propertiesOf, type Schemas, type Sources } from './sources.js';
import type { Schema } from './tidy.js';

const HASH = { type: 'string', pattern: '^[0-9a-f]{64}$' };
const whole = (first: string): JsonObject => ({ type: 'string', pattern: `^(?:${first}|[1-9][0-9]*)$` });

/**
 * The headers of a message: CloudEvents 1.0 for Kafka, in binary mode. What is null in an event's metadata has no header.
 *
 * @see src/adapters/bus/kafka/message.ts
 */
export function headersSchema({ metadata, definitions }: Sources): Schema {
  const fields = propertiesOf(metadata);
  const about = (field: string): string => commentOf(fields, field);
  const sealed = propertiesOf(member(definitions, 'Sealed'));
  const actor = member(definitions, 'Actor');
  const credential = propertiesOf(member(definitions, 'CredentialRef'));
  const required: { readonly [header: string]: Schema } = {
    'content-type': { const: 'application/json' },
    ce_specversion: { description: 'The version of CloudEvents.', const: '1.0' },
    ce_id: { description: 'The event. Whoever has seen this id has seen the event.', $ref: '#/$defs/EventId' },
    ce_source: { description: 'The registry that it happened in.', type: 'string', format: 'uri' },
    ce_type: { description: 'What happened.', type: 'string', pattern: '^[A-Z][A-Za-z]+$' },
    ce_subject: { description: 'The stream that it belongs to; the key, too.', $ref: '#/$defs/StreamName' },
    ce_time: { description: about('at'), $ref: '#/$defs/Timestamp' },
    ce_dataschema: { description: 'Where the JSON Schema of the value is served.', type: 'string', format: 'uri' },
    ce_schemaversion: { description: 'Schema version of the value for this type, from 1.', ...whole('1') },
    ce_position: {
      description: "Where the event stands in its engine's log of all streams: twenty digits that rise.",
      $ref: '#/$defs/Position',
    },
    ce_revision: { description: 'Where it stands in its stream, from 0, without gaps.', ...whole('0') },
    ce_actorkind: { description: member(definitions, 'Actor')['description'], ...kindsOf(actor) },
    ce_via: { $ref: '#/$defs/Via' },
    ce_assuperuser: { description: about('asSuperuser'), type: 'string', enum: ['true', 'false'] },
    ce_correlationid: { description: about('correlationId'), type: 'string' },
    ce_hash: { description: 'SHA-256 in hex over the event with its place in its stream and `ce_prevhash`.', ...HASH },
  };
  const optional: { readonly [header: string]: Schema } = {
    ce_actorid: { description: 'UUID of the account or the robot; absent: there is none.', type: 'string' },
    ce_credentialkind: {
      ...member(credential, 'kind'),
      description: member(definitions, 'CredentialRef')['description'],
    },
    ce_credentialid: { description: 'Which of them.', type: 'string' },
    ce_ipsubject: { ...member(sealed, 'subject'), description: `${about('ip')} ${commentOf(sealed, 'subject')}` },
    ce_ipbox: { ...member(sealed, 'box'), description: `${about('ip')} ${commentOf(sealed, 'box')}` },
    ce_useragentsubject: {
      ...member(sealed, 'subject'),
      description: `${about('userAgent')} ${commentOf(sealed, 'subject')}`,
    },
    ce_useragentbox: { ...member(sealed, 'box'), description: `${about('userAgent')} ${commentOf(sealed, 'box')}` },
    ce_causationid: { description: about('causationId'), type: 'string' },
    ce_prevhash: { description: about('prevHash'), ...HASH },
  };
  return { type: 'object', properties: { ...required, ...optional }, required: Object.keys(required) };
}

function commentOf(fields: Schemas, name: string): string {
  const comment = member(fields, name)['description'];
  if (typeof comment !== 'string') throw new Error(`${name} has no doc comment`);
  return comment;
}

/** Of all variants of an actor. */
function kindsOf(actor: Schema): Schema {
  const variants = actor['anyOf'];
  if (!isList(variants)) throw new Error('an actor is of no kind');
  const kinds = variants.flatMap((each) => {
    const kind = at(at(each as JsonObject, 'properties'), 'kind');
    return isList(kind['enum']) ? kind['enum'] : [];
  });
  return { type: 'string', enum: kinds };
}
