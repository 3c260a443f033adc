import { Kafka, logLevel, type LogEntry, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { Log } from '../../../telemetry/log.js';
import { calmRequestQueues } from './requestQueue.js';

export type KafkaConnection = {
  /** Brokers to begin with, as `host:port`. */
  readonly brokers: readonly string[];
  /** TLS; `ca`: certificates in PEM instead of those that Node.js trusts. Undefined: none. */
  readonly tls?: { readonly ca?: readonly string[] | undefined } | undefined;
  readonly sasl?:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
};

/** What the client tries by itself: about four seconds. Whoever called tries again after it. */
export const RETRY: RetryOptions = { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, multiplier: 2 };

const CONNECT_MILLISECONDS = 5_000;
const REQUEST_MILLISECONDS = 10_000;

export function kafkaClient({ brokers, tls, sasl }: KafkaConnection, log: Log): Kafka {
  calmRequestQueues();
  return new Kafka({
    clientId: 'tidemark',
    brokers: [...brokers],
    ...(tls ? { ssl: tls.ca ? { ca: [...tls.ca] } : true } : {}),
    ...(sasl ? { sasl: signIn(sasl) } : {}),
    connectionTimeout: CONNECT_MILLISECONDS,
    authenticationTimeout: CONNECT_MILLISECONDS,
    requestTimeout: REQUEST_MILLISECONDS,
    retry: RETRY,
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      note(log, entry);
    },
  });
}

function signIn({ mechanism, username, password }: NonNullable<KafkaConnection['sasl']>): SASLOptions {
  return { mechanism, username, password };
}

/**
 * What the client calls an error is mostly one attempt of several: who called hears of it when all of them failed, and
 * tells that. So its errors and warnings are details here.
 */
function note(log: Log, { namespace, level, log: { message, stack: _, ...rest } }: LogEntry): void {
  const members = { part: namespace, said: message, ...rest };
  if (level === logLevel.ERROR || level === logLevel.WARN) log.debug(members, 'kafka client had trouble');
  else log.trace(members, 'kafka client');
}
