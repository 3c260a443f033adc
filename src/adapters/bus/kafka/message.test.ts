import { describe, expect, it } from '@jest/globals';
import { Kafka as KafkaBinding, type CloudEvent } from 'cloudevents';
import type { RecordedEvent } from '../../../domain/shared/envelope.js';
import { eventHash } from '../../../domain/shared/hash.js';
import { chained } from '../../../../test/support/testLog.js';
import { position, type EventId, type StreamName } from '../../../domain/shared/ids.js';
import { fromMessage, NotAnEvent, toMessage, type ReadMessage } from './message.js';

const SOURCE = 'https://registry.example.com';

const event: RecordedEvent = chained(undefined, {
  id: '01890a5d-ac96-774b-bcce-b302099a8057' as EventId,
  stream: 'repository-01890a5d-ac96-774b-bcce-b302099a8050' as StreamName,
  position: position(4711n),
  type: 'TagMoved',
  data: { tag: 'latest', text: 'Grüße, 世界 🚢 "\\\u0000', nested: [1, -0.5, null, {}] },
});

/** As a client of Kafka gives it: bytes. */
const asRead = ({ key, value, headers }: ReturnType<typeof toMessage>): ReadMessage => ({
  key: Buffer.from(key),
  value: Buffer.from(value),
  headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
});

const wire = (): ReadMessage => asRead(toMessage(event, SOURCE));

describe('an event as a message', () => {
  it('has its stream as key, its data as value and everything else in headers', () => {
    const { key, value, headers } = toMessage(event, SOURCE);
    expect(key).toBe(event.stream);
    expect(JSON.parse(value)).toEqual(event.data);
    expect(headers).toEqual({
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_source: SOURCE,
      ce_type: 'TagMoved',
      ce_subject: event.stream,
      ce_time: '2026-06-18T00:00:00.000Z',
      ce_dataschema: 'https://registry.example.com/api/v1/events/schemas/TagMoved/1',
      ce_schemaversion: '1',
      ce_position: '00000000000000004711',
      ce_revision: '0',
      ce_actorkind: 'user',
      ce_actorid: '01890a5d-ac96-774b-bcce-b302099a8057',
      ce_credentialkind: 'password',
      ce_credentialid: '01890a5d-ac96-774b-bcce-b302099a8057',
      ce_via: 'registry',
      ce_assuperuser: 'false',
      ce_ipsubject: 'account:01890a5d-ac96-774b-bcce-b302099a8057',
      ce_ipbox: 'x'.repeat(54),
      ce_useragentsubject: 'account:01890a5d-ac96-774b-bcce-b302099a8057',
      ce_useragentbox: 'y'.repeat(72),
      ce_correlationid: '01890a5d-ac96-774b-bcce-b302099a8058',
      ce_hash: event.metadata.hash,
    });
  });

  it('names its attributes as CloudEvents allows', () => {
    const names = Object.keys(toMessage(event, SOURCE).headers).filter((name) => name.startsWith('ce_'));
    for (const name of names) expect(name).toMatch(/^ce_[a-z0-9]{1,20}$/);
  });

  it('comes back whole, so that whoever reads it can verify its hash', () => {
    const read = fromMessage(wire());
    expect(read).toEqual(event);
    expect(eventHash(read.stream, read.revision, read)).toBe(event.metadata.hash);
  });

  it('comes back with everything null that may be, and with everything set that may be null', () => {
    const { metadata } = event;
    const system = { kind: 'system', id: null } as const;
    const bare = { ...metadata, actor: system, credential: null, ip: null, userAgent: null, asSuperuser: true };
    const full = { ...metadata, causationId: 'cause', prevHash: 'ab'.repeat(32) };
    for (const each of [bare, full]) {
      const varied = { ...event, revision: 7, metadata: each };
      expect(fromMessage(asRead(toMessage(varied, SOURCE)))).toEqual(varied);
    }
  });

  it('is a CloudEvent to the SDK of CloudEvents', () => {
    const { key, value, headers } = toMessage(event, SOURCE);
    const message = { key, value, headers, body: value, timestamp: undefined };
    expect(KafkaBinding.isEvent(message)).toBe(true);
    const parsed = KafkaBinding.toEvent<Record<string, unknown>>(message) as CloudEvent<Record<string, unknown>>;
    expect(parsed.validate()).toBe(true);
    expect(parsed).toMatchObject({
      ...{ id: event.id, type: 'TagMoved', source: SOURCE, subject: event.stream, time: event.metadata.at },
      ...{ data: event.data, partitionkey: event.stream, position: event.position, revision: '0' },
    });
  });
});

describe('a message that is no event', () => {
  const changed = (change: Partial<ReadMessage>): ReadMessage => ({ ...wire(), ...change });
  const withHeader = (name: string, value: Buffer | Buffer[] | undefined): ReadMessage =>
    changed({ headers: { ...wire().headers, [name]: value } });

  it.each<[string, ReadMessage]>([
    ['has no headers', changed({ headers: undefined })],
    ['has no value', changed({ value: null })],
    ['has no key', changed({ key: null })],
    ['has another key than its subject', changed({ key: 'repository-other' })],
    ['is not JSON', changed({ value: '{' })],
    ['is JSON, but no object', changed({ value: '[]' })],
    ['is of another version of CloudEvents', withHeader('ce_specversion', Buffer.from('0.3'))],
    ['has data of another kind', withHeader('content-type', Buffer.from('application/avro'))],
    ['lacks its id', withHeader('ce_id', undefined)],
    ['has its id twice', withHeader('ce_id', [Buffer.from('a'), Buffer.from('b')])],
    ['has a revision that is no number', withHeader('ce_revision', Buffer.from('-1'))],
    ['has a position of another form', withHeader('ce_position', Buffer.from('12'))],
    ['has a time of another form', withHeader('ce_time', Buffer.from('yesterday'))],
    ['has half a sealed address', withHeader('ce_ipbox', undefined)],
    ['has a number that is too large', withHeader('ce_schemaversion', Buffer.from('9'.repeat(20)))],
  ])('is refused when it %s', (_, message) => {
    expect(() => fromMessage(message)).toThrow(NotAnEvent);
  });
});
