import type { Config } from '../config/config.js';
import { millisecondsOf, type Timestamp } from '../domain/shared/time.js';
import type { Clock } from '../ports/clock.js';
import type { EventBus } from '../ports/eventBus.js';
import type { Metrics } from '../telemetry/metrics.js';
import { Lease, type Holding } from '../workers/lease.js';
import { Relay } from '../workers/relay.js';
import type { Stores } from './core.js';
import type { Failed } from './failed.js';
import { nodeName } from './node.js';

type RelayingOptions = {
  readonly config: Config;
  readonly stores: Pick<Stores, 'events' | 'operational'>;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly failed: Failed;
};

/** Publishes the log on the bus while this process holds the lease for it. */
export function startRelay({ config, stores, bus, clock, metrics, failed }: RelayingOptions): Holding {
  const { events, operational } = stores;
  const tell = (error: unknown): void => {
    failed('relay', error);
  };
  let since: Timestamp | null = null;
  metrics.gauge('relay_lag_seconds', 'age of the oldest event that the bus has not taken', () =>
    since === null ? 0 : (millisecondsOf(clock.now()) - millisecondsOf(since)) / 1000,
  );
  const lease = new Lease({
    ...{ operational, name: 'relay', holder: nodeName(config), seconds: config.LEASE_SECONDS, failed: tell },
  });
  return lease.hold((term) => {
    const relay = new Relay({
      ...{ events, operational, failed: tell },
      bus: {
        publish: (batch) => {
          term.check();
          return bus.publish(batch);
        },
      },
      waiting: (oldest) => {
        since = oldest;
      },
    });
    return relay.run(term.signal, term.fence);
  });
}
