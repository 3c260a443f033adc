import type { RecordedEvent } from '../../../domain/shared/envelope.js';
import { topicOf, type Consumption, type EventBus, type EventHandler, type Topic } from '../../../ports/eventBus.js';
import type { Log } from '../../../telemetry/log.js';
import { type Patience } from '../../../concurrency/patience.js';
import { PATIENCE } from '../delivery.js';
import { backlogOf } from './backlog.js';
import { kafkaClient, type KafkaConnection } from './client.js';
import { DeadLetters } from './deadLetters.js';
import { GroupMember } from './member.js';
import { toMessage } from './message.js';
import { Publisher } from './publisher.js';
import { Topics } from './topics.js';

export type KafkaBusOptions = KafkaConnection & {
  /** Topics are called `<prefix>.<category of stream>`, groups `<prefix>.<group>`. */
  readonly prefix: string;
  /** Of a topic that is made. */
  readonly partitions: number;
  /** Copies of a topic that is made; 0: the cluster's default. */
  readonly replication: number;
  /** Address of the registry: the source of its events. */
  readonly source: string;
  /** Made at once, so that others find them before anything has happened. */
  readonly topics?: readonly Topic[];
  readonly patience?: Patience;
  /** A member of a group that says nothing for so long is replaced. */
  readonly sessionMilliseconds?: number;
  /** Longest time that handling one event may keep a group from dealing out its partitions anew. */
  readonly rebalanceMilliseconds?: number;
  readonly log: Log;
};

/** A member that died keeps its partitions for so long, and so does one that joins anew after its broker died. */
const SESSION_MILLISECONDS = 10_000;
const REBALANCE_MILLISECONDS = 60_000;

/**
 * Events on Kafka, as CloudEvents (docs/decisions/0043-the-bus-and-kafka.md).
 *
 * @throws StoreUnavailable
 */
export async function openKafkaBus(options: KafkaBusOptions): Promise<KafkaEventBus> {
  const bus = new KafkaEventBus(options);
  await bus.prepare();
  return bus;
}

export class KafkaEventBus implements EventBus {
  readonly #topics: Topics;
  readonly #publisher: Publisher;
  readonly #deadLetters: DeadLetters;
  readonly #members = new Set<GroupMember>();
  readonly #kafka;

  constructor(private readonly options: KafkaBusOptions) {
    const { partitions, replication, log } = options;
    const kafka = kafkaClient(options, log);
    this.#kafka = kafka;
    this.#topics = new Topics({ kafka, partitions, replication, log });
    this.#publisher = new Publisher(kafka, log);
    const topic = this.#name('dead-letters');
    this.#deadLetters = new DeadLetters({ topic, topics: this.#topics, publisher: new Publisher(kafka, log) });
  }

  /** Makes the topics that are known beforehand. @throws StoreUnavailable */
  async prepare(): Promise<void> {
    await this.#topics.ensure([this.#name('dead-letters')], { single: true });
    await this.#topics.ensure((this.options.topics ?? []).map((topic) => this.#name(topic)));
  }

  async publish(events: readonly RecordedEvent[]): Promise<void> {
    const outgoing = events.map((event) => ({
      topic: this.#name(topicOf(event.stream)),
      message: toMessage(event, this.options.source),
    }));
    try {
      await this.#topics.ensure(outgoing.map(({ topic }) => topic));
      await this.#publisher.send(outgoing);
    } catch (error) {
      this.#topics.forget();
      throw error;
    }
  }

  async consume(group: string, topics: readonly Topic[], handle: EventHandler): Promise<Consumption> {
    const { log, patience = PATIENCE } = this.options;
    const { sessionMilliseconds = SESSION_MILLISECONDS, rebalanceMilliseconds = REBALANCE_MILLISECONDS } = this.options;
    const member = await GroupMember.join({
      kafka: this.#kafka,
      topics: this.#topics,
      group: this.#name(group),
      subscribed: topics.map((topic) => this.#name(topic)),
      deadLetters: this.#deadLetters,
      ...{ handle, patience, sessionMilliseconds, rebalanceMilliseconds, log },
    });
    this.#members.add(member);
    return {
      stop: async () => {
        await member.stop();
        this.#members.delete(member);
      },
    };
  }

  /** How many events that were published a group has yet to handle. @throws StoreUnavailable */
  backlog(group: string, topics: readonly Topic[]): Promise<bigint> {
    const names = topics.map((topic) => this.#name(topic));
    return this.#topics.admin('tell how far a group is', (admin) => backlogOf(admin, this.#name(group), names));
  }

  /** Whether the cluster answers. @throws StoreUnavailable */
  async check(): Promise<void> {
    await this.#topics.admin('answer', (admin) => admin.describeCluster());
  }

  /** Ends what consumes, then what publishes. */
  async close(): Promise<void> {
    await Promise.all([...this.#members].map((member) => member.stop()));
    await Promise.all([this.#publisher.close(), this.#deadLetters.close()]);
  }

  #name(topic: string): string {
    return `${this.options.prefix}.${topic}`;
  }
}
