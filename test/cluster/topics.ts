import type { KafkaMessage } from 'kafkajs';
import { contentOf, header } from '../engines/kafkaBus.js';
import { plainClient } from '../engines/kafka.js';
import type { RegistryProcess } from '../support/registry.js';

export type Logged = { readonly id: string; readonly stream: string; readonly revision: number; readonly type: string };

/** The whole log, as the command line shows it. */
export async function logOf(node: RegistryProcess): Promise<readonly Logged[]> {
  const lines = await node.run(['events', 'list', '--json', '--limit', '1000000']);
  return lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Logged);
}

/** All messages of a topic of events, by the category of its streams. */
export async function publishedBy(
  brokers: readonly string[],
  prefix: string,
): Promise<ReadonlyMap<string, readonly KafkaMessage[]>> {
  const admin = plainClient(brokers).admin();
  await admin.connect();
  const names = (await admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`));
  await admin.disconnect();
  const topics = new Map<string, readonly KafkaMessage[]>();
  for (const name of names) topics.set(name.slice(prefix.length + 1), await contentOf(brokers, name));
  return topics;
}

/** A stream's events as somebody hears of them who passes over what he knows; and how often he did that. */
export function heard(messages: readonly KafkaMessage[]): {
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly repeated: number;
} {
  const streams = new Map<string, string[]>();
  const known = new Set<string>();
  let repeated = 0;
  for (const message of messages) {
    const [id, key] = [header(message, 'ce_id') ?? '', message.key?.toString() ?? ''];
    if (known.has(id)) {
      repeated++;
      continue;
    }
    known.add(id);
    const stream = streams.get(key) ?? [];
    stream.push(id);
    streams.set(key, stream);
  }
  return { streams, repeated };
}
