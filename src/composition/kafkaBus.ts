import type { KafkaBusOptions, KafkaEventBus } from '../adapters/bus/kafka/kafkaBus.js';
import type { Config } from '../config/config.js';
import type { Log } from '../telemetry/log.js';
import { certificateAuthorities } from './certificateAuthorities.js';

/** The bus on the Kafka that the configuration names. @throws StoreUnavailable if it is away */
export async function kafkaBus(
  config: Config,
  log: Log,
  options: Pick<KafkaBusOptions, 'topics'> = {},
): Promise<KafkaEventBus> {
  // The client is large: only who uses it loads it.
  const { openKafkaBus } = await import('../adapters/bus/kafka/kafkaBus.js');
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_USERNAME: username = '', KAFKA_PASSWORD: password = '' } = config;
  return openKafkaBus({
    brokers: config.KAFKA_BROKERS ?? [],
    tls: config.KAFKA_TLS ? { ca: await certificateAuthorities(config.folder) } : undefined,
    sasl: mechanism === undefined ? undefined : { mechanism, username, password },
    prefix: config.KAFKA_TOPIC_PREFIX,
    partitions: config.KAFKA_PARTITIONS,
    replication: config.KAFKA_REPLICATION_FACTOR,
    source: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
    ...options,
    log,
  });
}
