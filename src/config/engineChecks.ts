import { check, type Check } from './check.js';
import type { Settings } from './schema.js';

const isDistributed = (settings: Settings): boolean => settings.EVENT_STORE === 'eventstoredb';

/** Which engines go together, and what each of them needs to be told. */
export const engineChecks: readonly Check[] = [
  check(['EVENT_STORE', 'READ_STORE'], (settings) =>
    isDistributed(settings) === (settings.READ_STORE === 'mongodb')
      ? undefined
      : 'eventstoredb and mongodb go together, and so do the embedded ones',
  ),
  check(['EVENT_BUS', 'EVENT_STORE'], (settings) =>
    isDistributed(settings) && settings.EVENT_BUS !== 'kafka' ? 'EVENT_STORE: eventstoredb needs kafka' : undefined,
  ),
  check(['EVENTSTORE_CONNECTION', 'EVENT_STORE'], (settings) =>
    isDistributed(settings) && settings.EVENTSTORE_CONNECTION === undefined
      ? 'EVENT_STORE: eventstoredb needs it'
      : undefined,
  ),
  check(['MONGODB_CONNECTION', 'READ_STORE'], (settings) =>
    settings.READ_STORE === 'mongodb' && settings.MONGODB_CONNECTION === undefined
      ? 'READ_STORE: mongodb needs it'
      : undefined,
  ),
  check(['KAFKA_BROKERS', 'EVENT_BUS'], (settings) =>
    settings.EVENT_BUS === 'kafka' && settings.KAFKA_BROKERS === undefined ? 'EVENT_BUS: kafka needs it' : undefined,
  ),
  check(['KAFKA_SASL_MECHANISM', 'KAFKA_USERNAME', 'KAFKA_PASSWORD'], (settings) =>
    settings.KAFKA_SASL_MECHANISM === undefined ||
    (settings.KAFKA_USERNAME !== undefined && settings.KAFKA_PASSWORD !== undefined)
      ? undefined
      : 'needs KAFKA_USERNAME and KAFKA_PASSWORD',
  ),
  check(['MASTER_KEY', 'MASTER_KEY_FILE', 'EVENT_STORE'], (settings) =>
    isDistributed(settings) && settings.MASTER_KEY === undefined && settings.MASTER_KEY_FILE === undefined
      ? 'EVENT_STORE: eventstoredb needs it, or MASTER_KEY_FILE: all processes must have the same'
      : undefined,
  ),
  check(['ROLES', 'EVENT_STORE'], (settings) =>
    new Set(settings.ROLES).size < 4 && !isDistributed(settings)
      ? 'the embedded stores belong to one process, which has all roles; a part of them needs EVENT_STORE: eventstoredb'
      : undefined,
  ),
];
