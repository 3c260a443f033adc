import { randomUUID } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import type { BusUnderTest } from '../../src/adapters/bus/contract.js';
import { TEST_PATIENCE } from '../../src/adapters/bus/contract.js';
import { openKafkaBus, type KafkaBusOptions, type KafkaEventBus } from '../../src/adapters/bus/kafka/kafkaBus.js';
import type { Opened } from '../../src/adapters/contractFixture.js';
import type { EventEnvelope, RecordedEvent } from '../../src/domain/shared/envelope.js';
import { position, type StreamName } from '../../src/domain/shared/ids.js';
import { createLog } from '../../src/telemetry/log.js';
import { plainClient } from './kafka.js';

export const SOURCE = 'https://registry.example.com';

/** `TIDEMARK_TEST_LOG=debug` shows what the bus and its client say. */
const level = process.env['TIDEMARK_TEST_LOG'];
export const log = createLog({ level: level === 'debug' || level === 'trace' ? level : 'silent', human: false });

/** A prefix that no other test knows. */
export const newPrefix = (): string => `tidemark-test-${randomUUID()}`;

export const openBus = (
  brokers: readonly string[],
  prefix: string,
  options: Partial<KafkaBusOptions> = {},
): Promise<KafkaEventBus> =>
  openKafkaBus({
    ...{ brokers, prefix, partitions: 3, replication: 0, source: SOURCE, log },
    ...{ patience: TEST_PATIENCE, sessionMilliseconds: 6_000 },
    ...options,
  });

/** Gives events a place, as a log would. */
export class Places {
  #position = 0;
  readonly #revisions = new Map<StreamName, number>();

  record(stream: StreamName, events: readonly EventEnvelope[]): readonly RecordedEvent[] {
    return events.map((event) => {
      const revision = (this.#revisions.get(stream) ?? -1) + 1;
      this.#revisions.set(stream, revision);
      return { ...event, stream, revision, position: position(++this.#position) };
    });
  }
}

/** Everything in a topic, in the order of each partition, as a client that knows nothing of us reads it. */
export async function contentOf(brokers: readonly string[], topic: string): Promise<readonly KafkaMessage[]> {
  const kafka = plainClient(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  const left = new Map(ends.map(({ partition, high, low }) => [partition, Number(high) - Number(low)]));
  const groupId = `reader-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const messages: KafkaMessage[] = [];
  const complete = Promise.withResolvers<undefined>();
  const check = (): void => {
    if ([...left.values()].every((count) => count <= 0)) complete.resolve(undefined);
  };
  check();
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    eachMessage: ({ partition, message }) => {
      messages.push(message);
      left.set(partition, (left.get(partition) ?? 0) - 1);
      check();
      return Promise.resolve();
    },
  });
  await complete.promise;
  await consumer.disconnect();
  await admin.deleteGroups([groupId]);
  await admin.disconnect();
  return messages;
}

/** Removes what a test made. */
export async function removeAll(brokers: readonly string[], prefix: string): Promise<void> {
  const admin = plainClient(brokers).admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
}

export const header = (message: KafkaMessage, name: string): string | undefined => message.headers?.[name]?.toString();

/** For the contract of buses. */
export async function busUnderTest(brokers: readonly string[]): Promise<Opened<BusUnderTest>> {
  const [prefix, places] = [newPrefix(), new Places()];
  let bus = await openBus(brokers, prefix);
  const underTest = (): BusUnderTest => ({
    publish: (events) => bus.publish(events),
    consume: (...call) => bus.consume(...call),
    arrive: (stream, events) => bus.publish(places.record(stream, events)),
    deadLetters: async (group) => {
      const messages = await contentOf(brokers, `${prefix}.dead-letters`);
      const own = messages.filter((message) => header(message, 'dead-group') === `${prefix}.${group}`);
      return own.map((message) => ({
        id: header(message, 'ce_id') ?? '',
        reason: header(message, 'dead-reason') ?? '',
        attempts: Number(header(message, 'dead-attempts')),
      }));
    },
  });
  return {
    store: underTest(),
    reopen: async () => {
      await bus.close();
      bus = await openBus(brokers, prefix);
      return underTest();
    },
    close: async () => {
      await bus.close();
      await removeAll(brokers, prefix);
    },
  };
}
