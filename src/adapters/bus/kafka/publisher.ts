import { Partitioners, type Kafka, type Message, type Producer } from 'kafkajs';
import { StoreUnavailable } from '../../../ports/errors.js';
import type { Log } from '../../../telemetry/log.js';
import { RETRY } from './client.js';
import { within } from './deadline.js';

export type Outgoing = { readonly topic: string; readonly message: Message };

const CONNECT_MILLISECONDS = 15_000;
const SEND_MILLISECONDS = 30_000;
/** A broker takes batches of 1 MiB unless it is told otherwise, and one request is at most one batch to each partition. */
const REQUEST_BYTES = 512 * 1024;

/** A producer under one producer id: to it the brokers owe that what it repeats is stored once. */
type Session = {
  readonly producer: Producer;
  /** Topics and partitions that the present request goes to. */
  readonly chosen: Set<string>;
};

/** Sends messages, one request after the other. */
export class Publisher {
  #session: Session | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    private readonly log: Log,
  ) {}

  /** Resolves when all copies in sync have all of them. @throws StoreUnavailable; some may have been stored */
  send(outgoing: readonly Outgoing[]): Promise<void> {
    const sending = this.#last.then(() => this.#sendAll(outgoing));
    this.#last = sending.catch(() => undefined);
    return sending;
  }

  async close(): Promise<void> {
    await this.#last;
    this.#discard();
  }

  async #sendAll(outgoing: readonly Outgoing[]): Promise<void> {
    try {
      for (const request of requests(outgoing)) await this.#sendOne(await this.#open(), request);
    } catch (error) {
      this.#discard();
      throw error;
    }
  }

  /**
   * The client takes the answer of a broker for that of all partitions it was asked for, and forgets those that moved to
   * that broker between two attempts: so partitions without an answer are looked for.
   */
  async #sendOne({ producer, chosen }: Session, outgoing: readonly Outgoing[]): Promise<void> {
    chosen.clear();
    const answers = await within(
      SEND_MILLISECONDS,
      'take events',
      producer.sendBatch({ acks: -1, topicMessages: byTopic(outgoing) }),
    );
    for (const { topicName, partition } of answers) chosen.delete(place(topicName, partition));
    if (chosen.size > 0)
      throw new StoreUnavailable(`Kafka did not say whether it has what went to ${[...chosen].join()}`);
  }

  async #open(): Promise<Session> {
    if (this.#session) return this.#session;
    const chosen = new Set<string>();
    const producer = this.kafka.producer({
      idempotent: true,
      // One at a time to each broker: kafkajs numbers what it repeats correctly only so.
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: () => remembering(chosen),
      retry: RETRY,
    });
    this.#session = { producer, chosen };
    await within(CONNECT_MILLISECONDS, 'be reached', producer.connect());
    return this.#session;
  }

  /**
   * After a failure nobody knows which numbers the brokers have seen, and another message under a number that they have
   * would be taken for a repetition and dropped: a new producer id begins anew.
   */
  #discard(): void {
    const session = this.#session;
    this.#session = undefined;
    session?.producer.disconnect().catch((error: unknown) => {
      this.log.debug({ err: error }, 'kafka: closing a producer failed');
    });
  }
}

const place = (topic: string, partition: number): string => `${topic}/${partition}`;

/** By the murmur2 hash of the key, as the Java client does it. */
function remembering(chosen: Set<string>): ReturnType<typeof Partitioners.DefaultPartitioner> {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => {
    const partition = choose(args);
    chosen.add(place(args.topic, partition));
    return partition;
  };
}

function* requests(outgoing: readonly Outgoing[]): Generator<readonly Outgoing[], void> {
  let request: Outgoing[] = [];
  let bytes = 0;
  for (const one of outgoing) {
    const size = sizeOf(one.message);
    if (request.length > 0 && bytes + size > REQUEST_BYTES) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push(one);
    bytes += size;
  }
  if (request.length > 0) yield request;
}

function sizeOf({ key, value, headers }: Message): number {
  const parts = [key, value, ...Object.entries(headers ?? {}).flat(2)];
  return parts.reduce<number>((sum, part) => sum + (part ? Buffer.byteLength(part) : 0), 0);
}

function byTopic(outgoing: readonly Outgoing[]): { topic: string; messages: Message[] }[] {
  const grouped = Map.groupBy(outgoing, ({ topic }) => topic);
  return Array.from(grouped, ([topic, all]) => ({ topic, messages: all.map(({ message }) => message) }));
}
