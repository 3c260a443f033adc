import type { RecordedEvent } from '../../domain/shared/envelope.js';
import type { Clock } from '../../ports/clock.js';
import { topicOf, type Consumption, type EventBus, type EventHandler, type Topic } from '../../ports/eventBus.js';
import type { EventStore } from '../../ports/eventStore.js';
import { StoreUnavailable } from '../../ports/errors.js';
import type { OperationalStore } from '../../ports/operationalStore.js';
import type { Log } from '../../telemetry/log.js';
import { insist, reasonOf, type Patience } from '../../concurrency/patience.js';
import { deliver, PATIENCE, type Death } from './delivery.js';
import { GroupCheckpoint } from './groupCheckpoint.js';

export type EmbeddedBusOptions = {
  readonly events: EventStore;
  readonly operational: OperationalStore;
  readonly clock: Clock;
  readonly patience?: Patience;
  readonly log: Log;
};

/** Records by `<group>/<event id>`. */
export const DEAD_LETTERS = 'dead-letters';

/** An event that a group gave up. It is in the log at its position still. */
export type DeadLetter = {
  readonly group: string;
  readonly event: string;
  readonly type: string;
  readonly stream: string;
  readonly position: string;
  readonly reason: string;
  readonly attempts: number;
  readonly at: string;
};

/** A subscription that broke off is begun anew after a while. */
const RESUBSCRIBE = { firstPause: 100, longestPause: 10_000 };

/**
 * The bus of one process: each group follows the log from its checkpoint in the operational store. While one event is
 * tried again, its whole group waits.
 */
export class EmbeddedEventBus implements EventBus {
  readonly #consumptions = new Map<string, Consumption>();

  constructor(private readonly options: EmbeddedBusOptions) {}

  /** The log is the bus: what is published is there already. */
  publish(): Promise<void> {
    return Promise.resolve();
  }

  /** @throws RangeError if the group consumes already: there is nobody to share its work with */
  async consume(group: string, topics: readonly Topic[], handle: EventHandler): Promise<Consumption> {
    if (this.#consumptions.has(group)) throw new RangeError(`group ${group} consumes already`);
    const { operational, log } = this.options;
    const stopping = new AbortController();
    const opening = GroupCheckpoint.open({ operational, group, topics, log });
    const following = opening.then((checkpoint) =>
      this.#follow({ group, checkpoint, handle, signal: stopping.signal }),
    );
    const consumption = {
      stop: async (): Promise<void> => {
        stopping.abort();
        await following;
        this.#consumptions.delete(group);
      },
    };
    this.#consumptions.set(group, consumption);
    following.catch(() => this.#consumptions.delete(group));
    await opening;
    return consumption;
  }

  /** Ends what consumes. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumptions.values()].map((consumption) => consumption.stop()));
  }

  async #follow(following: Following): Promise<void> {
    const { group, checkpoint, signal } = following;
    const { events, log } = this.options;
    const subscribe = async (): Promise<void> => {
      for await (const batch of events.subscribeAll(checkpoint.position, signal)) {
        for (const event of batch) if (!(await this.#take(event, following))) return;
      }
      if (!signal.aborted) throw new StoreUnavailable('the log cannot be followed any more');
    };
    const failed = (error: unknown): void => {
      log.warn({ group, reason: reasonOf(error), err: error }, 'following the log broke off and begins anew');
    };
    await insist(subscribe, { signal, patience: RESUBSCRIBE, failed });
    await checkpoint.close();
  }

  /** @returns false if it is to stop, and this event was not handled */
  async #take(event: RecordedEvent, { group, checkpoint, handle, signal }: Following): Promise<boolean> {
    if (signal.aborted) return false;
    if (checkpoint.expects(topicOf(event.stream), event.position)) {
      const { patience = PATIENCE, log } = this.options;
      const place = { group, event: event.id, type: event.type, stream: event.stream, position: event.position };
      const done = await deliver({
        handle: () => handle(event),
        bury: (death) => this.#bury(place, death),
        ...{ signal, patience },
        failed: (error, failures) => {
          log.warn({ ...place, failures, reason: reasonOf(error), err: error }, 'event could not be handled');
        },
      });
      if (!done) return false;
    }
    checkpoint.passed(event.position);
    return true;
  }

  async #bury(place: Omit<DeadLetter, 'reason' | 'attempts' | 'at'>, death: Death): Promise<void> {
    const { operational, clock, log } = this.options;
    const value = { ...place, ...death, at: clock.now() };
    const key = `${place.group}/${place.event}`;
    await operational.write([{ kind: 'put', collection: DEAD_LETTERS, key, value }]);
    log.error({ ...place, ...death }, 'event became a dead letter');
  }
}

type Following = {
  readonly group: string;
  readonly checkpoint: GroupCheckpoint;
  readonly handle: EventHandler;
  readonly signal: AbortSignal;
};
