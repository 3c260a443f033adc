import type { KafkaMessage } from 'kafkajs';
import type { Death } from '../delivery.js';
import type { Outgoing, Publisher } from './publisher.js';
import type { Topics } from './topics.js';

/** A letter that is too large for its topic would never arrive. */
const REASON_CHARACTERS = 2_000;

/** Where a message was when it died. */
export type Grave = { readonly group: string; readonly topic: string; readonly partition: number };

/** Messages that a group gave up, as they were, with headers that say why. */
export class DeadLetters {
  constructor(
    private readonly deps: { readonly topic: string; readonly topics: Topics; readonly publisher: Publisher },
  ) {}

  /** @throws StoreUnavailable */
  async keep(message: KafkaMessage, grave: Grave, death: Death): Promise<void> {
    const { topic, topics, publisher } = this.deps;
    try {
      await topics.ensure([topic], { single: true });
      await publisher.send([deadLetter(topic, message, grave, death)]);
    } catch (error) {
      topics.forget();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.deps.publisher.close();
  }
}

function deadLetter(
  topic: string,
  { key, value, headers, offset }: KafkaMessage,
  grave: Grave,
  death: Death,
): Outgoing {
  const why = {
    'dead-reason': death.reason.slice(0, REASON_CHARACTERS),
    'dead-attempts': String(death.attempts),
    'dead-group': grave.group,
    'dead-topic': grave.topic,
    'dead-partition': String(grave.partition),
    'dead-offset': offset,
  };
  return { topic, message: { key, value, headers: { ...headers, ...why } } };
}
