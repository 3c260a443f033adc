import { EmbeddedEventBus } from '../adapters/bus/embedded.js';
import type { Config } from '../config/config.js';
import { catalogue } from '../http/api/events/catalogue.js';
import type { Clock } from '../ports/clock.js';
import type { EventBus } from '../ports/eventBus.js';
import type { Log } from '../telemetry/log.js';
import type { Stores } from './core.js';
import { kafkaBus } from './kafkaBus.js';

export type OpenBus = EventBus & {
  /** Whether it has to be fed from the log. */
  readonly needsRelay: boolean;
  close(): Promise<void>;
};

/** The bus that the configuration names. @throws StoreUnavailable if it is away */
export async function openBus(config: Config, stores: Stores, clock: Clock, log: Log): Promise<OpenBus> {
  if (config.EVENT_BUS === 'embedded') {
    const bus = new EmbeddedEventBus({ events: stores.events, operational: stores.operational, clock, log });
    return opened(bus, false);
  }
  const bus = await kafkaBus(config, log, { topics: Object.keys(catalogue.categories) });
  return opened(bus, true);
}

const opened = (bus: EventBus & { close(): Promise<void> }, needsRelay: boolean): OpenBus => ({
  publish: (events) => bus.publish(events),
  consume: (group, topics, handle) => bus.consume(group, topics, handle),
  needsRelay,
  close: () => bus.close(),
});
