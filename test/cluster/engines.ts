import { randomBytes, randomUUID } from 'node:crypto';
import { eventStoreDbEngine, newStreamPrefix, type EventStoreDbEngine } from '../engines/eventStoreDb.js';
import { kafkaEngine, type KafkaEngine } from '../engines/kafka.js';
import { mongoEngine, newDatabaseName, type MongoEngine } from '../engines/mongodb.js';
import { s3Engine, type S3Engine } from '../engines/s3.js';
import { s3Storage } from '../engines/storages.js';
import type { Settings } from '../support/registry.js';

export type ClusterEngines = {
  readonly events: EventStoreDbEngine;
  readonly mongo: MongoEngine;
  readonly kafka: KafkaEngine;
  readonly s3: S3Engine;
  /** What every process of one installation is told: names of its own on the shared engines. */
  settings(): Settings;
  stop(): Promise<void>;
};

/** The engines of a cluster. @returns undefined, said loudly, if one is not to be had */
export async function clusterEngines(): Promise<ClusterEngines | undefined> {
  const [mongo, kafka, s3] = await Promise.all([mongoEngine(), kafkaEngine(), s3Engine()]);
  const stops = [mongo, kafka, s3].map((engine) => () => engine?.stop());
  if (!mongo || !kafka || !s3) {
    for (const stop of stops) await stop();
    return undefined;
  }
  const events = await eventStoreDbEngine();
  return {
    ...{ events, mongo, kafka, s3 },
    settings: () => ({
      EVENT_STORE: 'eventstoredb',
      EVENTSTORE_CONNECTION: events.connection,
      EVENTSTORE_STREAM_PREFIX: newStreamPrefix(),
      READ_STORE: 'mongodb',
      MONGODB_CONNECTION: mongo.connection,
      MONGODB_DATABASE: newDatabaseName(),
      EVENT_BUS: 'kafka',
      KAFKA_BROKERS: kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: `cluster-${randomBytes(4).toString('hex')}`,
      KAFKA_PARTITIONS: '3',
      MASTER_KEY: randomBytes(32).toString('hex'),
      DISTRIBUTED_STORAGE_CONFIG: s3Storage(s3.settings, randomUUID()),
      LEASE_SECONDS: '3',
    }),
    stop: async () => {
      await events.stop();
      for (const stop of stops) await stop();
    },
  };
}
