import type { RecordedEvent } from '../domain/shared/envelope.js';
import type { Consumption, EventBus } from '../ports/eventBus.js';
import type { JobRequest, Jobs } from './jobs.js';

/** One who listens to the bus: what takes long or may fail, he makes a job of, and nothing else. */
export type Consumer = {
  readonly group: string;
  readonly topics: readonly string[];
  /** None for most events. Types that it does not know belong to a newer program and are none of its business. */
  jobsOf(event: RecordedEvent): readonly JobRequest[];
};

/** Begins to make jobs of events. @throws StoreUnavailable if the bus is away */
export async function startConsumers(
  bus: Pick<EventBus, 'consume'>,
  jobs: Pick<Jobs, 'add'>,
  consumers: readonly Consumer[],
): Promise<Consumption> {
  const started: Consumption[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((consumption) => consumption.stop()));
  };
  try {
    for (const consumer of consumers) {
      const consumption = await bus.consume(consumer.group, consumer.topics, async (event) => {
        for (const request of consumer.jobsOf(event)) await jobs.add(request);
      });
      started.push(consumption);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}
