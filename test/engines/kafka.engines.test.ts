import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka as KafkaBinding, type CloudEvent } from 'cloudevents';
import type { KafkaMessage } from 'kafkajs';
import { eventBusContract, Listener, streamOf } from '../../src/adapters/bus/contract.js';
import { fromMessage } from '../../src/adapters/bus/kafka/message.js';
import { idsOf, sampleEvent, sampleEvents } from '../../src/adapters/eventstore/sampleEvents.js';
import { StoreUnavailable } from '../../src/ports/errors.js';
import { createLog } from '../../src/telemetry/log.js';
import { freePort } from '../support/ports.js';
import { kafkaEngine, plainClient } from './kafka.js';
import { busUnderTest, contentOf, header, newPrefix, openBus, Places, removeAll, SOURCE } from './kafkaBus.js';

const engine = await kafkaEngine();
const brokers = engine?.brokers ?? [];
const secure = engine?.secure;
if (engine) afterAll(() => engine.stop());
const withEngine = engine ? describe : describe.skip;

withEngine('the bus on Kafka', () => {
  eventBusContract(() => busUnderTest(brokers));
});

withEngine('the bus on Kafka, as others see it', () => {
  let prefix: string;
  beforeEach(() => {
    prefix = newPrefix();
  });
  afterEach(() => removeAll(brokers, prefix));

  /** As text, which is how the SDK of CloudEvents takes what a client gives as bytes. */
  const asText = ({ key, value, headers }: KafkaMessage) => ({
    key: key?.toString() ?? '',
    value: value?.toString() ?? '',
    body: value?.toString() ?? '',
    headers: Object.fromEntries(Object.entries(headers ?? {}).map(([name, text]) => [name, text?.toString()])),
    timestamp: undefined,
  });

  it('is CloudEvents in the order of their streams, to any client', async () => {
    const bus = await openBus(brokers, prefix);
    const places = new Places();
    const streams = Array.from({ length: 5 }, () => streamOf('repository'));
    const events = streams.flatMap((stream) => places.record(stream, sampleEvents(4)));
    await bus.publish(events);
    await bus.close();
    const messages = await contentOf(brokers, `${prefix}.repository`);
    expect(messages).toHaveLength(20);
    for (const message of messages) {
      const event = fromMessage(message);
      const cloudEvent = KafkaBinding.toEvent<unknown>(asText(message)) as CloudEvent<unknown>;
      expect(cloudEvent.validate()).toBe(true);
      expect(cloudEvent).toMatchObject({ id: event.id, source: SOURCE, type: event.type, data: event.data });
      expect(events).toContainEqual(event);
    }
    for (const stream of streams) {
      const own = messages.filter(({ key }) => key?.toString() === stream);
      expect(own.map((message) => header(message, 'ce_revision'))).toEqual(['0', '1', '2', '3']);
    }
  });

  it('takes more at once than a broker takes in one batch', async () => {
    const bus = await openBus(brokers, prefix, { partitions: 1 });
    const large = Array.from({ length: 40 }, () => sampleEvent({ text: 'x'.repeat(60_000) }));
    const events = new Places().record(streamOf('repository'), large);
    await bus.publish(events);
    await bus.close();
    const messages = await contentOf(brokers, `${prefix}.repository`);
    expect(messages.map((message) => header(message, 'ce_id'))).toEqual(idsOf(events));
  });

  it('gives up what is no event, with the reason and where it was, and goes on', async () => {
    const bus = await openBus(brokers, prefix, { partitions: 1 });
    const places = new Places();
    const [stream, topic] = [streamOf('repository'), `${prefix}.repository`];
    await bus.publish(places.record(stream, sampleEvents(1)));
    const producer = plainClient(brokers).producer();
    await producer.connect();
    await producer.send({
      topic,
      messages: [{ key: 'poison', value: '{', headers: { own: 'header', twice: ['a', 'b'] } }],
    });
    await producer.disconnect();
    const last = places.record(stream, sampleEvents(1));
    await bus.publish(last);
    const listener = new Listener();
    await bus.consume('group', ['repository'], listener.handle);
    expect(idsOf(await listener.given(2)).at(-1)).toBe(last[0]?.id);
    await bus.close();
    const [letter, ...others] = await contentOf(brokers, `${prefix}.dead-letters`);
    expect(others).toEqual([]);
    expect([letter?.key?.toString(), letter?.value?.toString()]).toEqual(['poison', '{']);
    const headers = Object.entries(letter?.headers ?? {}).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toEqual({
      ...{ own: 'header', twice: 'a,b' },
      'dead-reason': 'NotAnEvent: the message is no event: it has no header ce_specversion',
      ...{ 'dead-attempts': '1', 'dead-group': `${prefix}.group` },
      ...{ 'dead-topic': topic, 'dead-partition': '0', 'dead-offset': '1' },
    });
  });

  it('loses no dead letter although their topic was removed', async () => {
    const bus = await openBus(brokers, prefix, { partitions: 1 });
    const admin = plainClient(brokers).admin();
    await admin.connect();
    await admin.deleteTopics({ topics: [`${prefix}.dead-letters`] });
    await admin.disconnect();
    const [bad, good] = new Places().record(streamOf('repository'), sampleEvents(2));
    const listener = new Listener(({ id }) =>
      id === bad?.id ? Promise.reject(new Error('broken')) : Promise.resolve(),
    );
    await bus.consume('group', ['repository'], listener.handle);
    await bus.publish(bad && good ? [bad, good] : []);
    expect(idsOf(await listener.given(4)).at(-1)).toBe(good?.id);
    await bus.close();
    const letters = await contentOf(brokers, `${prefix}.dead-letters`);
    expect(letters.map((letter) => [header(letter, 'ce_id'), header(letter, 'dead-attempts')])).toEqual([
      [bad?.id, '3'],
    ]);
  });

  it('makes topics as declared, and says of one with fewer partitions that it keeps them', async () => {
    const admin = plainClient(brokers).admin();
    await admin.connect();
    const old = `${prefix}.repository`;
    await admin.createTopics({ topics: [{ topic: old, numPartitions: 2 }] });
    const lines: string[] = [];
    const log = createLog({ level: 'warn', human: false, destination: { write: (line: string) => lines.push(line) } });
    const bus = await openBus(brokers, prefix, { partitions: 4, topics: ['repository', 'account'], log });
    const { topics } = await admin.fetchTopicMetadata();
    const made = topics.filter(({ name }) => name.startsWith(prefix));
    expect(Object.fromEntries(made.map(({ name, partitions }) => [name, partitions.length]))).toEqual({
      ...{ [old]: 2, [`${prefix}.account`]: 4, [`${prefix}.dead-letters`]: 1 },
    });
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([{ topic: old, partitions: 2, declared: 4 }]);
    await bus.close();
    await admin.disconnect();
  });

  (secure ? it : it.skip).each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'is reached by TLS and signing in: %s',
    async (mechanism) => {
      if (!secure) return;
      const sasl = { mechanism, username: 'tidemark', password: 'secret' };
      const tls = { ca: [secure.ca] };
      const bus = await openBus(secure.brokers, prefix, { tls, sasl });
      const listener = new Listener();
      await bus.consume('group', ['repository'], listener.handle);
      await bus.publish(new Places().record(streamOf('repository'), sampleEvents(2)));
      expect(await listener.given(2)).toHaveLength(2);
      await bus.close();
      const wrong = { ...sasl, password: randomUUID() };
      await expect(openBus(secure.brokers, prefix, { tls, sasl: wrong })).rejects.toThrow(/uthentication/);
      await expect(openBus(secure.brokers, prefix, { tls: {}, sasl })).rejects.toThrow(/certificate/);
    },
  );

  it('is away where nobody listens', async () => {
    const opening = openBus([`127.0.0.1:${await freePort()}`], prefix);
    await expect(opening).rejects.toThrow(StoreUnavailable);
    const bus = await openBus(brokers, prefix);
    await expect(bus.check()).resolves.toBeUndefined();
    await bus.close();
  });
});

withEngine('a group on Kafka', () => {
  it('tells what it has yet to handle', async () => {
    const prefix = newPrefix();
    const bus = await openBus(brokers, prefix);
    const places = new Places();
    const streams = Array.from({ length: 5 }, () => streamOf('repository'));
    expect(await bus.backlog('group', ['repository'])).toBe(0n);
    for (const stream of streams) await bus.publish(places.record(stream, sampleEvents(2)));
    expect(await bus.backlog('group', ['repository', 'unheard-of'])).toBe(10n);
    const listener = new Listener();
    const consumption = await bus.consume('group', ['repository'], listener.handle);
    await listener.given(10);
    await consumption.stop();
    expect(await bus.backlog('group', ['repository'])).toBe(0n);
    await bus.publish(places.record(streamOf('repository'), sampleEvents(3)));
    expect(await bus.backlog('group', ['repository'])).toBe(3n);
    await bus.close();
    await removeAll(brokers, prefix);
  });
});
