import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import type { Config } from '../config/config.js';
import { MarkedPlace } from '../commands/markedPlace.js';
import { SetupSecret } from '../http/auth/setupSecret.js';
import { drain } from '../http/server.js';
import type { ReadModels } from '../projections/readModels.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { openAdminSocket } from './adminSocket.js';
import { announceSetup } from './announceSetup.js';
import { apiDoor } from './apiDoor.js';
import { attend } from './attending.js';
import { provisionBootstrapToken } from './bootstrapToken.js';
import { openBus } from './bus.js';
import { contentsAdministration } from './contentsAdministration.js';
import { openCore, systemClock, systemIds, type Core, type Stores } from './core.js';
import { damageTold } from './damageTold.js';
import type { DistributedStores } from './distributed.js';
import type { EmbeddedStores } from './embedded.js';
import { endAll, type EndingOptions, type Step } from './ending.js';
import type { Failed } from './failed.js';
import { follow } from './following.js';
import { buildMissing, buildOnThread } from './laneBuilding.js';
import { listen } from './listen.js';
import { measuredEvents } from './measuredEvents.js';
import { nodeName } from './node.js';
import { opsDoor } from './opsDoor.js';
import { openProjector, project } from './projecting.js';
import { projectionAdministration, type ProjectionAdministration } from './projectionAdministration.js';
import { startRelay } from './relaying.js';
import { openStores, type OpenStores } from './stores.js';
import { userAdministration } from './userAdministration.js';
import { startWorkers } from './workers.js';

export type Serving = {
  readonly url: string;
  readonly core: Core;
  /** Takes no more requests, finishes those that run, writes down what is pending. */
  stop(): Promise<void>;
};

export type ServeOptions = {
  readonly config: Config;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Called when the stores broke for good: what this process knows may be wrong, only a new one can go on. */
  readonly broken?: () => void;
  /** Called when a superuser wants the process to end. */
  readonly shutDown?: () => void;
};

/** What ends that which is open, the last opened first; grows with each part that is opened. */
type Closing = Step[];

/** How long requests that are under way may take to finish when the server stops. */
const DRAIN_MILLISECONDS = 30_000;
/**
 * How long what is open may take to end, each and all together, where engines may be away: their clients have limits of
 * their own, which add up. With the notice and the drain it is less than the 90 s of docker-compose.yml.
 */
const ENDING = { each: 15_000, all: 45_000 } as const;
/** How often it is said what a start waits for. */
const PATIENCE_MILLISECONDS = 10_000;

/** The registry, or the roles of it that the configuration gives to this process. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { config, log } = options;
  const failed: Failed = (what, error) => {
    log.error({ err: error, what }, 'background work failed');
  };
  const stores = await openStores(config, failed);
  const closing: Closing = [{ what: 'stores', end: () => stores.close() }];
  try {
    await stores.proveBlobs();
    await new MarkedPlace(stores).claim(systemIds.next());
    if (!stores.sole) {
      const waits = (what: string): void => {
        log.info(what);
      };
      const { operational } = stores;
      const presence = await attend({ config, roles: config.ROLES, operational, failed, waits });
      closing.unshift({ what: 'presence', end: () => presence.stop() });
    }
    return await serveOn(stores, closing, failed, options);
  } catch (error) {
    await endAll(closing, endingOf(stores, log));
    throw error;
  }
}

async function serveOn(opened: OpenStores, closing: Closing, failed: Failed, options: ServeOptions): Promise<Serving> {
  const { config, log, metrics, broken, shutDown } = options;
  const stores = { ...opened, events: measuredEvents(opened.events, metrics) };
  const has = (role: Config['ROLES'][number]): boolean => config.ROLES.includes(role);
  const passwords = new Argon2Hasher();
  const { readModels, administration } = opened.sole
    ? await feedHere(opened, failed, log)
    : { readModels: feedSomewhere(opened, closing, failed, options), administration: undefined };
  const core = await openCore({ config, stores, readModels, passwords, failed, foundDamaged: damageTold(log) });
  const registryDoor = { config, core, stores, log, metrics };
  let ready = true;
  // The API adds caches to the read models, which must not miss an event.
  const setup = new SetupSecret(stores.keys);
  const door = has('api')
    ? await apiDoor({ ...registryDoor, passwords, setup, ready: () => ready, shutDown: () => shutDown?.() })
    : await opsDoor({ ...registryDoor, ready: () => ready });
  readModels.start();
  closing.unshift({ what: 'read models', end: () => readModels.close() });
  if (has('api')) await caughtUp(core, stores, log);
  if (has('api')) await provisionBootstrapToken(config, core, log);

  if (has('relay') || has('worker')) {
    const bus = await openBus(config, stores, core.clock, log);
    closing.unshift({ what: 'bus', end: () => bus.close() });
    if (has('worker')) {
      const workers = await startWorkers({ config, core, stores, bus, failed });
      closing.unshift({ what: 'workers', end: () => workers.stop() });
    }
    if (has('relay') && bus.needsRelay) {
      const relay = startRelay({ ...{ config, stores, bus, metrics, failed }, clock: core.clock });
      closing.unshift({ what: 'relay', end: () => relay.stop() });
    }
  }
  closing.unshift(
    { what: 'records of pulls', end: () => core.pulls.flush() },
    { what: 'last uses', end: () => core.lastUses.settled() },
  );
  if (opened.sole && administration) {
    const socket = await openAdminSocket(config.DATA_PATH, {
      ...{ ...userAdministration(config, core), ...contentsAdministration(stores, core) },
      ...administration,
    });
    closing.unshift({ what: 'admin socket', end: () => socket.close() });
    opened.log.writer.onEnd(() => {
      if (!ready) return;
      log.fatal('the thread that writes the log has ended: this process cannot go on');
      broken?.();
    });
  }
  closing.unshift({ what: 'readiness', end: () => (ready = false) });
  const secret = has('api') && (await core.queries.accounts.isEmpty()) ? await setup.issue() : undefined;
  // The last thing that can fail: a door that is open keeps a process from ending.
  const url = await listen(door, config);
  metrics.projection('all', () => ({ lagSeconds: core.lag.seconds, positionGap: core.lag.positionGap }));
  log.info({ url, roles: config.ROLES, node: nodeName(config), data: config.DATA_PATH }, 'serving');
  if (secret !== undefined) announceSetup(log, config, url, secret);

  return {
    url,
    core,
    stop: async () => {
      ready = false;
      log.info('stopping: finishing what is under way');
      const noticeMilliseconds = config.STOP_NOTICE.seconds * 1000;
      await drain(door, { noticeMilliseconds, patienceMilliseconds: DRAIN_MILLISECONDS });
      const left = await endAll(closing, endingOf(opened, log));
      if (left.length > 0) throw new Error(`could not be ended cleanly: ${left.join(', ')}`);
      log.info('stopped');
    },
  };
}

const endingOf = ({ sole }: OpenStores, log: Log): EndingOptions => (sole ? { log } : { log, limits: ENDING });

/** The stores are this process's own: it feeds the read models itself, and others ask it to look after them. */
async function feedHere(stores: EmbeddedStores, failed: Failed, log: Log): Promise<Fed> {
  const build = buildOnThread(stores);
  await buildMissing(stores, build, (at) => {
    log.info(at, 'building a read model before serving');
  });
  const projector = await openProjector(stores, failed);
  return { readModels: projector, administration: projectionAdministration({ stores, projector, build }) };
}

type Fed = { readonly readModels: ReadModels; readonly administration: ProjectionAdministration };

/** Whichever process holds the lease feeds the read models, this one or another; all of them see how far they are. */
function feedSomewhere(
  stores: DistributedStores,
  closing: Closing,
  failed: Failed,
  { config, log }: ServeOptions,
): ReadModels {
  if (config.ROLES.includes('projector')) {
    const projecting = project({
      ...{ stores, log, failed, clock: systemClock, ids: systemIds },
      ...{ holder: nodeName(config), leaseSeconds: config.LEASE_SECONDS },
    });
    closing.unshift({ what: 'projector', end: () => projecting.stop() });
  }
  return follow(stores, failed);
}

/** What was acknowledged before this process came can be read before it answers anybody. */
async function caughtUp({ readModels }: Core, { events }: Stores, log: Log): Promise<void> {
  const waiting = setInterval(() => {
    log.warn('waiting for the read models: is there a process with the role projector?');
  }, PATIENCE_MILLISECONDS);
  try {
    await readModels.waitFor(await events.end());
  } finally {
    clearInterval(waiting);
  }
}
