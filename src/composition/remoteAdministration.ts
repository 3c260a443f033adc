import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import { laterPosition } from '../domain/shared/ids.js';
import { ReachRecord } from '../projections/reach.js';
import type { Config } from '../config/config.js';
import type { Administration, ProjectionStates } from './administration.js';
import { attend } from './attending.js';
import { contentsAdministration } from './contentsAdministration.js';
import { openCore, systemClock, systemIds } from './core.js';
import { openDistributed, type DistributedStores } from './distributed.js';
import { everyStep } from './everyStep.js';
import type { Failed } from './failed.js';
import { follow } from './following.js';
import { isPresent } from './projectionAdministration.js';
import { allProjections } from './projections.js';
import { ProjectorRequests } from './projectorRequests.js';
import { userAdministration } from './userAdministration.js';

/** Only what this command itself asked for ends it: an engine that is away for a moment does not. */
const failed: Failed = (what, error) => {
  process.stderr.write(`${what}: ${error instanceof Error ? error.message : String(error)}\n`);
};

const waits = (what: string): void => {
  process.stderr.write(`${what}\n`);
};

/** Administers a registry on engines: accounts by commands of our own, read models by asking the process that feeds them. */
export async function administerEngines<Result>(
  config: Config,
  act: (administration: Administration) => Promise<Result>,
): Promise<Result> {
  const stores = await openDistributed(config, failed);
  const closing = [() => stores.close()];
  try {
    // It writes as a process that serves does, and makes keys where there are none.
    const { operational } = stores;
    const presence = await attend({ config, roles: ['command line'], operational, failed, waits });
    closing.unshift(() => presence.stop());
    const readModels = follow(stores, failed);
    closing.unshift(() => readModels.close());
    const core = await openCore({ config, stores, readModels, passwords: new Argon2Hasher(), failed });
    readModels.start();
    const requests = new ProjectorRequests({ operational: stores.operational, clock: systemClock, ids: systemIds });
    return await act({
      ...userAdministration(config, core),
      ...contentsAdministration(stores, core),
      projectionStates: () => projectionStates(stores),
      rebuild: async (projection, progressed) => {
        const { position } = await requests.ask({ kind: 'rebuild', projection }, progressed);
        return { position };
      },
      verifyProjections: async (progressed) =>
        (await requests.ask({ kind: 'verify', projection: null }, progressed)).verdicts,
    });
  } finally {
    await everyStep(closing);
  }
}

/** A lane notes how far it is now and then when nothing concerns it; who feeds them tells how far all of them are. */
async function projectionStates({ events, documents, operational }: DistributedStores): Promise<ProjectionStates> {
  const { position } = await new ReachRecord(operational, allProjections).read();
  const lanes = (await documents.lanes()).map((lane) =>
    lane.active && isPresent(lane) ? { ...lane, checkpoint: laterPosition(lane.checkpoint, position) } : lane,
  );
  // At last: nobody is ahead of it.
  return { end: await events.end(), lanes };
}
