import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import type { Log } from '../../../telemetry/log.js';
import { within } from './deadline.js';
import { RETRY } from './client.js';

/** Between two looks at topics that are being made. */
const LOOK_MILLISECONDS = 50;
/** Of one conversation about topics or the cluster. */
const ADMIN_MILLISECONDS = 20_000;

/** Makes topics as they are declared; what is there already stays as it is. */
export class Topics {
  /** Known to be there. */
  readonly #known = new Set<string>();

  constructor(
    private readonly deps: {
      readonly kafka: Kafka;
      readonly partitions: number;
      /** Copies of each; 0: the cluster's default. */
      readonly replication: number;
      readonly log: Log;
    },
  ) {}

  /** @param single topics whose order as a whole is worth more than their throughput @throws StoreUnavailable */
  async ensure(names: Iterable<string>, { single = false } = {}): Promise<void> {
    const unknown = [...new Set(names)].filter((name) => !this.#known.has(name));
    if (unknown.length === 0) return;
    const partitions = single ? 1 : this.deps.partitions;
    await this.admin('make topics', async (admin) => {
      const present = new Set(await admin.listTopics());
      const missing = unknown.filter((name) => !present.has(name));
      if (missing.length > 0) await this.#create(admin, missing, partitions);
      const old = unknown.filter((name) => present.has(name));
      if (old.length > 0) await this.#compare(admin, old, partitions);
    });
    for (const name of unknown) this.#known.add(name);
  }

  /** Somebody may have removed them. */
  forget(): void {
    this.#known.clear();
  }

  /** A conversation with the cluster, on connections of its own. @throws StoreUnavailable */
  async admin<Result>(what: string, talk: (admin: Admin) => Promise<Result>): Promise<Result> {
    const admin = this.deps.kafka.admin({ retry: RETRY });
    try {
      return await within(
        ADMIN_MILLISECONDS,
        what,
        admin.connect().then(() => talk(admin)),
      );
    } finally {
      admin.disconnect().catch((error: unknown) => {
        this.deps.log.debug({ err: error }, 'kafka: closing a connection failed');
      });
    }
  }

  /** Deleting by age only: keeping the latest of each key would keep one event of each stream. */
  async #create(admin: Admin, names: readonly string[], numPartitions: number): Promise<void> {
    const { replication, log } = this.deps;
    const replicationFactor = replication === 0 ? -1 : replication;
    const configEntries = [{ name: 'cleanup.policy', value: 'delete' }];
    const topics = names.map((topic) => ({ topic, numPartitions, replicationFactor, configEntries }));
    // False: somebody else was faster. The client's own wait gives up when a broker has not heard of the topic yet.
    const made = await admin.createTopics({ topics, waitForLeaders: false });
    while (!(await haveLeaders(admin, names))) await pause(LOOK_MILLISECONDS);
    if (made) log.info({ topics: names, partitions: numPartitions }, 'topics made');
  }

  /** More partitions would send the events of a stream to another one than those before them. */
  async #compare(admin: Admin, names: readonly string[], declared: number): Promise<void> {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
    for (const { name, partitions } of topics) {
      if (partitions.length >= declared) continue;
      const members = { topic: name, partitions: partitions.length, declared };
      this.deps.log.warn(members, 'topic has fewer partitions than declared, and keeps them: order depends on them');
    }
  }
}

/** What a broker says of a topic that is being made. */
const NOT_YET: ReadonlySet<unknown> = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']);

async function haveLeaders(admin: Admin, names: readonly string[]): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [...names] });
    return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0));
  } catch (error) {
    // Its class cannot be imported by name: the package is no ES module.
    if (error instanceof Error && 'type' in error && NOT_YET.has(error.type)) return false;
    throw error;
  }
}
