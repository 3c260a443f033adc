import { RepositoryRemains } from '../commands/repositoryRemains.js';
import { repositoryStream } from '../commands/streamNames.js';
import type { Config } from '../config/config.js';
import { repositoryAggregate } from '../domain/repository/evolve.js';
import type { RepositoryId } from '../domain/shared/ids.js';
import type { EventBus } from '../ports/eventBus.js';
import { startConsumers, type Consumer } from '../workers/consumers.js';
import { Jobs } from '../workers/jobs.js';
import { JobWorker } from '../workers/jobWorker.js';
import {
  REPOSITORY_REMAINS,
  repositoryRemainsConsumer,
  repositoryRemainsHandler,
} from '../workers/repositoryRemains.js';
import type { Core, Stores } from './core.js';
import { everyStep } from './everyStep.js';
import type { Failed } from './failed.js';
import { keepHouse } from './housekeeping.js';
import { nodeName } from './node.js';

type WorkersOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly bus: Pick<EventBus, 'consume'>;
  readonly failed: Failed;
};

/** Those who listen to the bus. */
export const consumers: readonly Consumer[] = [repositoryRemainsConsumer];

export type Workers = { stop(): Promise<void> };

/** What happens without a request. Nothing is written while the instance is read-only. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { config, core, stores, bus, failed } = options;
  if (config.REGISTRY_STATE === 'readonly') return { stop: () => Promise.resolve() };
  const { operational, blobs } = stores;
  const { clock, inFlight } = core;
  const house = await keepHouse(options);
  const isDeleted = async (id: RepositoryId): Promise<boolean> =>
    (await core.streams.load(repositoryAggregate, repositoryStream(id))).kind === 'deleted';
  const worker = new JobWorker({
    ...{ operational, clock, failed },
    name: nodeName(config),
    handlers: new Map([
      [
        REPOSITORY_REMAINS,
        repositoryRemainsHandler(new RepositoryRemains({ operational, blobs, inFlight }), isDeleted),
      ],
    ]),
  });
  const jobs = new Jobs({
    ...{ operational, clock },
    added: () => {
      worker.soon();
    },
  });
  worker.start();
  const closing = [() => worker.stop(), () => house.stop()];
  try {
    const consuming = await startConsumers(bus, jobs, consumers);
    return { stop: () => everyStep([() => consuming.stop(), ...closing]) };
  } catch (error) {
    await everyStep(closing);
    throw error;
  }
}
