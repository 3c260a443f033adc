import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import type { Config } from '../config/config.js';
import type { Administration } from './administration.js';
import { connectAdministration } from './adminSocket.js';
import { contentsAdministration } from './contentsAdministration.js';
import { openCore, systemClock } from './core.js';
import { openEmbedded } from './embedded.js';
import type { Failed } from './failed.js';
import { buildMissing, buildOnThread } from './laneBuilding.js';
import { openProjector } from './projecting.js';
import { projectionAdministration } from './projectionAdministration.js';
import { userAdministration } from './userAdministration.js';

/** The log of the registry that the configuration names. @throws if there is none: a typing error must not make one */
export function existingLog({ DATA_PATH: folder }: Config): string {
  const path = join(folder, 'log.sqlite');
  if (existsSync(path)) return path;
  throw new Error(
    `there is no registry in ${folder}: TIDEMARK_DATA_PATH, or DATA_PATH in config.yaml, names its folder`,
  );
}

/** @throws if there is no registry that the configuration could name; engines that are reached are those of one */
export function assertExists(config: Config): void {
  if (config.EVENT_STORE === 'embedded') existingLog(config);
}

/** Where the registry is, for messages: a folder, or the nodes of its log's engine, never with user or password. */
export async function whereabouts(config: Config): Promise<string> {
  const { EVENT_STORE, EVENTSTORE_CONNECTION, EVENTSTORE_STREAM_PREFIX, DATA_PATH } = config;
  if (EVENT_STORE === 'embedded' || EVENTSTORE_CONNECTION === undefined) return `in ${DATA_PATH}`;
  const { nodesOf } = await import('../adapters/eventstore/eventstoredb/logClient.js');
  const part = EVENTSTORE_STREAM_PREFIX === undefined ? '' : ` (${EVENTSTORE_STREAM_PREFIX}.…)`;
  return `on EventStoreDB at ${nodesOf(EVENTSTORE_CONNECTION).join(', ')}${part}`;
}

/** Nobody goes on after a failure: the command says it and ends. */
const failed: Failed = (_what, error) => {
  throw error;
};

/**
 * Lets a command administer the registry: through the process that owns the stores, or on the stores themselves when
 * nobody owns them; on engines that many share, beside all others.
 */
export async function administer<Result>(
  config: Config,
  act: (administration: Administration) => Promise<Result>,
): Promise<Result> {
  if (config.EVENT_STORE !== 'embedded') {
    const { administerEngines } = await import('./remoteAdministration.js');
    return administerEngines(config, act);
  }
  const running = await connectAdministration(config.DATA_PATH);
  if (running) return act(running);
  const stores = await openEmbedded(config);
  try {
    const build = buildOnThread(stores);
    await buildMissing(stores, build, () => undefined);
    const projector = await openProjector(stores, failed);
    const core = await openCore({
      ...{ config, stores, failed, clock: systemClock },
      readModels: projector,
      passwords: new Argon2Hasher(),
    });
    projector.start();
    await projector.waitFor(await stores.events.end());
    const result = await act({
      ...userAdministration(config, core),
      ...contentsAdministration(stores, core),
      ...projectionAdministration({ stores, projector, build }),
    });
    await projector.close();
    return result;
  } finally {
    await stores.close();
  }
}
