import { once, EventEmitter } from 'node:events';
import { randomUUID } from 'node:crypto';
import { plainClient } from '../../test/engines/kafka.js';

/** Tells when the record of a manifest's push was read from Kafka. */
export class KafkaArrivals {
  readonly #at = new Map<string, number>();
  readonly #arrived = new EventEmitter();

  private constructor(private readonly end: () => Promise<void>) {}

  /** @throws if the topic is not there yet */
  static async from(brokers: readonly string[], topic: string): Promise<KafkaArrivals> {
    const consumer = plainClient(brokers, 0).consumer({ groupId: `bench-${randomUUID()}`, maxWaitTimeInMs: 100 });
    const arrivals = new KafkaArrivals(() => consumer.disconnect());
    const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachMessage: ({ message }) => {
          if (message.headers?.['ce_type']?.toString() === 'ManifestPushed') arrivals.#note(message.value?.toString());
          return Promise.resolve();
        },
      });
      await joined;
      return arrivals;
    } catch (error) {
      await arrivals.close();
      throw error;
    }
  }

  /** Resolves to the moment, as `performance.now()` tells it. @throws if nothing comes for half a minute */
  async arrival(digest: string): Promise<number> {
    const known = this.#at.get(digest);
    if (known !== undefined) return known;
    // `#note` emits it with the moment.
    const [at] = (await once(this.#arrived, digest, { signal: AbortSignal.timeout(30_000) })) as [number];
    return at;
  }

  close(): Promise<void> {
    return this.end();
  }

  #note(value: string | undefined): void {
    const data: unknown = JSON.parse(value ?? '{}');
    if (typeof data !== 'object' || data === null || !('digest' in data) || typeof data.digest !== 'string') return;
    const at = performance.now();
    this.#at.set(data.digest, at);
    this.#arrived.emit(data.digest, at);
  }
}
