import { accepted, section } from '../key.js';
import { object } from '../types/collections.js';
import { anything, flag, port, secret, text } from '../types/scalars.js';

/** Where Quay finds a Redis; its client takes further members. */
export const redis = object({
  required: { host: text },
  optional: { port, password: secret(text), ssl: flag },
  open: true,
});

export const quayProcess = section("Quay's database, Redis and processes", {
  DB_URI: accepted(secret(text), undefined, "address of Quay's database"),
  DB_CONNECTION_ARGS: accepted(anything, { threadlocals: true, autorollback: true }, 'arguments of its driver'),
  DB_CONNECTION_POOLING: accepted(flag, true, 'pools connections to it'),
  BUILDLOGS_REDIS: accepted(redis, { host: 'localhost' }, 'Redis for build logs'),
  USER_EVENTS_REDIS: accepted(redis, { host: 'localhost' }, 'Redis for live events and locks'),
  DATA_MODEL_CACHE_CONFIG: accepted(secret(anything), undefined, "engine and life of Quay's cache"),
  STAGGER_WORKERS: accepted(flag, true, 'random delay at the start of workers'),
  LOGGING_LEVEL: accepted(anything, undefined, 'see `LOG_LEVEL`'),
  DEBUGLOG: accepted(anything, undefined, 'see `LOG_LEVEL`'),
  PROXY_COUNT: accepted(anything, undefined, 'see `TRUSTED_PROXY_CIDR`'),
  PROFILING_TYPE: accepted(anything, undefined, "profiler of Quay's processes"),
});

/** Keys whose beginning alone is known: process tuning and hosted-service settings, without effect. */
export const acceptedPrefixes = [
  'WORKER_COUNT',
  'SENTRY_',
  'PYROSCOPE_',
  'STRIPE_',
  'ENTITLEMENT_RECONCILIATION_',
] as const;
