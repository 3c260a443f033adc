import type { Consumer, Kafka } from 'kafkajs';
import type { Consumption } from '../../../ports/eventBus.js';
import type { Log } from '../../../telemetry/log.js';
import { insist, interruptible, reasonOf } from '../../../concurrency/patience.js';
import { Batches, type BatchesOptions } from './batches.js';
import { RETRY } from './client.js';
import { within } from './deadline.js';
import type { Topics } from './topics.js';

export type MemberOptions = Omit<BatchesOptions, 'stopping' | 'heartbeatMilliseconds'> & {
  readonly kafka: Kafka;
  readonly topics: Topics;
  /** Full names. */
  readonly subscribed: readonly string[];
  /** A member that says nothing for so long is taken for dead by the group. */
  readonly sessionMilliseconds: number;
  /** A member that takes longer to join again, because it handles an event, is left behind. */
  readonly rebalanceMilliseconds: number;
  readonly log: Log;
};

const CONNECT_MILLISECONDS = 20_000;
const LEAVE_MILLISECONDS = 10_000;
/** How long a fetch waits for something to come: a stop waits for it. */
const FETCH_MILLISECONDS = 500;
/** The client has gone silent before without saying that it gave up (tulios/kafkajs issue 659). */
const SILENCE_MILLISECONDS = 90_000;
/** Partitions that are worked on at a time. */
const CONCURRENCY = 4;
const REJOIN = { firstPause: 200, longestPause: 10_000 };

/** One member of a consumer group, from joining to leaving; whatever breaks in between, it joins again. */
export class GroupMember implements Consumption {
  readonly #stopping = new AbortController();
  readonly #batches: Batches;
  #living: Promise<void> = Promise.resolve();

  private constructor(private readonly options: MemberOptions) {
    const heartbeatMilliseconds = Math.ceil(options.sessionMilliseconds / 10);
    this.#batches = new Batches({ ...options, heartbeatMilliseconds, stopping: this.#stopping.signal });
  }

  /** @throws StoreUnavailable */
  static async join(options: MemberOptions): Promise<GroupMember> {
    const member = new GroupMember(options);
    const consumer = await member.#connected();
    member.#living = member.#live(consumer);
    return member;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#living;
  }

  async #live(first: Consumer): Promise<void> {
    const { signal } = this.#stopping;
    const { log, group } = this.options;
    for (let consumer: Consumer | undefined = first; consumer; consumer = await this.#again()) {
      const reason = await this.#session(consumer);
      if (signal.aborted) return;
      log.warn({ group, reason }, 'consumer of events broke off and begins anew');
    }
  }

  /** Undefined if it is to stop. */
  async #again(): Promise<Consumer | undefined> {
    const { log, group } = this.options;
    const { signal } = this.#stopping;
    const failed = (error: unknown): void => {
      log.warn({ group, reason: reasonOf(error) }, 'consumer of events cannot reach Kafka');
    };
    let consumer: Consumer | undefined;
    await interruptible(REJOIN.firstPause, signal);
    const connect = async (): Promise<void> => {
      consumer = await this.#connected();
    };
    await insist(connect, { signal, patience: REJOIN, failed });
    return consumer;
  }

  async #connected(): Promise<Consumer> {
    const { kafka, topics, group, subscribed, sessionMilliseconds, rebalanceMilliseconds } = this.options;
    await topics.ensure(subscribed);
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionMilliseconds,
      heartbeatInterval: Math.ceil(sessionMilliseconds / 10),
      rebalanceTimeout: rebalanceMilliseconds,
      maxWaitTimeInMs: FETCH_MILLISECONDS,
      allowAutoTopicCreation: false,
      // Its own restarts know of fewer failures than there are.
      retry: { ...RETRY, restartOnFailure: () => Promise.resolve(false) },
    });
    try {
      const connecting = consumer
        .connect()
        .then(() => consumer.subscribe({ topics: [...subscribed], fromBeginning: true }));
      await within(CONNECT_MILLISECONDS, 'be reached', connecting);
      return consumer;
    } catch (error) {
      topics.forget();
      await this.#leave(consumer);
      throw error;
    }
  }

  /** Resolves with the reason when the consumer is of no more use. */
  async #session(consumer: Consumer): Promise<string> {
    const { signal } = this.#stopping;
    const ended = Promise.withResolvers<string>();
    const end = ended.resolve;
    let heard = Date.now();
    const hear = (): void => {
      heard = Date.now();
    };
    const { events } = consumer;
    consumer.on(events.CRASH, ({ payload }) => {
      end(reasonOf(payload.error));
    });
    consumer.on(events.GROUP_JOIN, () => {
      this.#batches.dealt();
      hear();
    });
    for (const event of [events.FETCH, events.HEARTBEAT, events.END_BATCH_PROCESS]) consumer.on(event, hear);
    const watch = setInterval(() => {
      if (!this.#batches.busy && Date.now() - heard > SILENCE_MILLISECONDS) end('the client fell silent');
    }, SILENCE_MILLISECONDS / 10);
    watch.unref();
    const stopped = (): void => {
      end('stopped');
    };
    signal.addEventListener('abort', stopped, { once: true });
    if (signal.aborted) stopped();
    try {
      const running = consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENCY,
        eachBatch: (payload) => this.#batches.take(payload),
      });
      // Joining may take as long as a rebalance: whoever stops does not wait for it.
      return await Promise.race([running.then(() => ended.promise), ended.promise]);
    } catch (error) {
      return reasonOf(error);
    } finally {
      clearInterval(watch);
      signal.removeEventListener('abort', stopped);
      await this.#leave(consumer);
    }
  }

  /** What is in hand is finished and noted; then the partitions are others'. */
  async #leave(consumer: Consumer): Promise<void> {
    const leaving = consumer.disconnect();
    leaving.catch(() => undefined);
    try {
      await this.#batches.finished();
      await within(LEAVE_MILLISECONDS, 'be left', leaving);
    } catch (error) {
      this.options.log.debug({ group: this.options.group, err: error }, 'kafka: leaving a group failed');
    }
  }
}
