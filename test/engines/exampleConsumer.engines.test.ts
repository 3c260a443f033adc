import { randomUUID } from 'node:crypto';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import '../support/patience.js';
import type { KafkaEventBus } from '../../src/adapters/bus/kafka/kafkaBus.js';
import { toMessage, type EventMessage } from '../../src/adapters/bus/kafka/message.js';
import type { RecordedEvent } from '../../src/domain/shared/envelope.js';
import type { EventId } from '../../src/domain/shared/ids.js';
import type { JsonObject } from '../../src/domain/shared/json.js';
import { catalogue, schemaDocument } from '../../src/http/api/events/catalogue.js';
import { DEAD_LETTER_HEADERS } from '../../src/http/api/events/deadLetters.js';
import { mapped } from '../catalogue/json.js';
import { closed, faultsBy, faultsIn } from '../catalogue/validator.js';
import { readFixtures } from '../fixtures/fixtures.js';
import { RegistryProcess } from '../support/registry.js';
import { ExampleConsumer, journalOf, type Settings } from './exampleConsumer.js';
import { kafkaEngine, plainClient } from './kafka.js';
import { contentOf, header, newPrefix, openBus, removeAll } from './kafkaBus.js';

const engine = await kafkaEngine();
const fixtures = new Map(readFixtures().map(({ name, event }) => [name, event]));

function fixture(name: string): RecordedEvent {
  const event = fixtures.get(name);
  if (!event) throw new Error(`there is no fixture ${name}`);
  return event;
}

const moved = fixture('TagMoved.v1');
/** One more event of the stream. */
const another = (data: JsonObject): RecordedEvent => ({
  ...moved,
  id: randomUUID() as EventId,
  data: { ...moved.data, ...data },
});
const idsOf = (events: readonly { readonly id: string }[]): readonly string[] => events.map(({ id }) => id);

describe('the example consumer', () => {
  if (!engine) {
    it.skip('has no Kafka', () => undefined);
    return;
  }
  const { brokers } = engine;
  const prefix = newPrefix();
  let folder: string;
  let registry: RegistryProcess;
  let bus: KafkaEventBus;
  let started: ExampleConsumer[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-example-'));
    // It serves the schemas.
    registry = await RegistryProcess.start();
    bus = await openBus(brokers, prefix, { source: registry.url, topics: ['repository'] });
  });
  afterEach(async () => {
    await Promise.all(started.map((consumer) => consumer.end('SIGKILL')));
    started = [];
  });
  afterAll(async () => {
    await bus.close();
    await removeAll(brokers, prefix);
    await registry.stop();
    await engine.stop();
    await rm(folder, { recursive: true });
  });

  const settingsOf = (group: string, journal = group): Settings => ({
    ...{ brokers, prefix, group: `${prefix}.${group}` },
    journal: join(folder, `${journal}.jsonl`),
  });
  const start = (settings: Settings): ExampleConsumer => {
    const consumer = new ExampleConsumer(settings);
    started.push(consumer);
    return consumer;
  };
  /** To the partition of the stream, as anybody might. */
  async function send(messages: readonly Omit<EventMessage, 'key'>[]): Promise<void> {
    const producer = plainClient(brokers).producer();
    await producer.connect();
    await producer.send({
      topic: `${prefix}.repository`,
      messages: messages.map(({ value, headers }) => ({ key: moved.stream, value, headers })),
    });
    await producer.disconnect();
  }

  it('writes down pushes and moves of tags once, and passes over what is no event', async () => {
    const told = ['ManifestPushed.v1', 'TagMoved.v1', 'TagRestored.v1', 'TagRestored.v2'].map(fixture);
    const end = another({ tag: 'end-of-first' });
    await bus.publish([fixture('RepositoryCreated.v1'), ...told]);
    await send([
      { value: 'garbage', headers: {} },
      { value: '{', headers: toMessage(moved, registry.url).headers },
      toMessage(another({ tag: 7 }), registry.url),
      toMessage({ ...moved, type: 'TagPainted' }, registry.url),
    ]);
    // The relay may begin anew a little before the place where it ended.
    await bus.publish([...told, fixture('TagDeleted.v1'), end]);

    const settings = settingsOf('first');
    const consumer = start(settings);
    await consumer.printed((lines) => lines.some((line) => line.includes('end-of-first')));
    const written = await journalOf(settings.journal);
    expect(idsOf(written)).toEqual(idsOf([...told, end]));
    const { digest, previous } = moved.data as { digest: string; previous: string };
    const { at, actor } = moved.metadata;
    expect(written[1]?.text).toBe(
      `${at} ${moved.stream} tag latest: ${previous} -> ${digest}, by user ${actor.id ?? ''} via registry`,
    );
    expect(written[2]?.text).toContain('until somebody moves it');
    expect(consumer.complaints.filter((line) => line.startsWith('passed over'))).toEqual([
      expect.stringContaining('it is no CloudEvent'),
      expect.stringContaining('it is no CloudEvent'),
      expect.stringContaining('data/tag must be string'),
      expect.stringContaining('there is no schema at'),
    ]);

    expect(consumer.complaints.filter((line) => line.includes('Warning'))).toEqual([]);

    // What it had done was committed: another one of the group begins behind it.
    await consumer.end('SIGTERM');
    const next = another({ tag: 'end-of-second' });
    await bus.publish([next]);
    const successor = settingsOf('first', 'successor');
    await start(successor).printed((lines) => lines.length > 0);
    expect(idsOf(await journalOf(successor.journal))).toEqual([next.id]);
  });

  it('loses nothing and writes nothing twice when it is killed', async () => {
    const settings = settingsOf('killed');
    const moves = Array.from({ length: 300 }, (_, index) => another({ tag: `v${index}` }));
    const end = another({ tag: 'end-of-moves' });
    await bus.publish([...moves, end]);

    const first = start(settings);
    await first.printed((lines) => lines.filter((line) => /tag v\d+:/.test(line)).length >= 50);
    await first.end('SIGKILL');
    expect(idsOf(await journalOf(settings.journal))).not.toContain(end.id);
    // As if it had been cut off in the middle of a line.
    await appendFile(settings.journal, '{"id":"01890a5d');

    await start(settings).printed((lines) => lines.some((line) => line.includes('end-of-moves')));
    const written = idsOf(await journalOf(settings.journal));
    const expected = idsOf([...moves, end]);
    expect(written.filter((id) => expected.includes(id))).toEqual(expected);
    expect(new Set(written).size).toBe(written.length);
  });

  it('finds no header that nobody has told it of, on messages and on those that were given up', async () => {
    const headersOf = ({ headers = {} }: Pick<KafkaMessage, 'headers'>): JsonObject => mapped(headers, String);
    const given = Promise.withResolvers<undefined>();
    const refused = another({ tag: 'refused' });
    const consumption = await bus.consume('refusing', ['repository'], ({ id }) => {
      if (id === after.id) given.resolve(undefined);
      return id === refused.id ? Promise.reject(new Error('it cannot be')) : Promise.resolve();
    });
    const after = another({ tag: 'after' });
    await bus.publish([refused, after]);
    await given.promise;
    await consumption.stop();

    const messages = await contentOf(brokers, `${prefix}.repository`);
    const events = messages.map(headersOf).filter((headers) => 'ce_id' in headers);
    expect(events.length).toBeGreaterThan(300);
    const promised = schemaDocument({ id: registry.url, title: 'headers', schema: catalogue.headers }, catalogue);
    const faults = faultsBy(closed(promised));
    expect(events.flatMap(faults)).toEqual([]);

    const dead = await contentOf(brokers, `${prefix}.dead-letters`);
    const letter = headersOf(dead.find((message) => header(message, 'ce_id') === refused.id) ?? {});
    const [told, was] = [DEAD_LETTER_HEADERS, catalogue.headers].map(({ properties }) =>
      Object.keys(properties as JsonObject),
    );
    expect(faultsIn(letter, DEAD_LETTER_HEADERS)).toEqual([]);
    expect(Object.keys(letter).filter((name) => !told?.includes(name) && !was?.includes(name))).toEqual([]);
  });
});
