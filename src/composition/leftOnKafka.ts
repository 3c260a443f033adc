import { setTimeout as pause } from 'node:timers/promises';
import { MigrationRefused } from '../commands/migration/refusals.js';
import type { Config } from '../config/config.js';
import { StoreUnavailable } from '../ports/errors.js';
import { createLog } from '../telemetry/log.js';
import type { Consumer } from '../workers/consumers.js';
import { kafkaBus } from './kafkaBus.js';

const ATTEMPTS = 5;
const PAUSE_MILLISECONDS = 2_000;

/**
 * What was published and not handled would stay behind where the copy has no such Kafka.
 *
 * @throws MigrationRefused if there is any
 */
export async function refuseLeftOnKafka(from: Config, to: Config, consumers: readonly Consumer[]): Promise<void> {
  if (from.EVENT_BUS !== 'kafka' || (to.EVENT_BUS === 'kafka' && isSameKafka(from, to))) return;
  const bus = await kafkaBus(from, createLog({ level: 'silent' }));
  try {
    for (const { group, topics } of consumers) {
      const left = await patiently(() => bus.backlog(group, topics));
      if (left === 0n) continue;
      throw new MigrationRefused(
        `${left} events on Kafka are not handled by ${group} yet, and the copy would not know of them: ` +
          'let the workers (ROLES: worker) finish, and migrate then',
      );
    }
  } finally {
    await bus.close();
  }
}

/** A cluster that was just started takes seconds until it knows who coordinates a group. @throws the last failure */
async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || attempt === ATTEMPTS) throw error;
      await pause(PAUSE_MILLISECONDS);
    }
  }
}

const isSameKafka = (one: Config, other: Config): boolean =>
  one.KAFKA_TOPIC_PREFIX === other.KAFKA_TOPIC_PREFIX &&
  (one.KAFKA_BROKERS ?? []).some((broker) => other.KAFKA_BROKERS?.includes(broker));
