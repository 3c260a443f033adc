import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import { systemContext } from '../commands/context.js';
import { StoreUnavailable } from '../ports/errors.js';
import type { Config } from '../config/config.js';
import type { Position } from '../domain/shared/ids.js';
import { createApplication } from '../http/application.js';
import { initializeRoutes } from '../http/api/initialize.js';
import { FirstAccount } from '../commands/firstAccount.js';
import { SetupSecret } from '../http/auth/setupSecret.js';
import { checkpointRoutes } from '../http/ops/checkpoint.js';
import { clientAddresses } from '../http/clientAddress.js';
import { createFrontDoor, drain } from '../http/server.js';
import { keyServer } from '../http/web/keys.js';
import { v2Handler } from '../http/v2/router.js';
import type { Log } from '../telemetry/log.js';
import { requestIds } from '../telemetry/requestId.js';
import type { Metrics } from '../telemetry/metrics.js';
import { openAdminSocket } from './adminSocket.js';
import { openApi } from './api.js';
import { provisionBootstrapToken } from './bootstrapToken.js';
import { openCore, type Core } from './core.js';
import { openEmbedded, type EmbeddedStores } from './embedded.js';
import { buildMissing, embeddedAdministration } from './embeddedAdministration.js';
import { everyStep } from './everyStep.js';
import { healthChecks } from './health.js';
import { instanceOf } from './instance.js';
import { openMailer } from './mail.js';
import { measuredEvents } from './measuredEvents.js';
import { openRegistry } from './registry.js';
import { webRoutes } from './web.js';
import { startWorkers } from './workers.js';
import { tlsOf } from './tls.js';
import { v2Recorder } from './recorder.js';

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

/** How long requests that are under way may take to finish when the server stops. */
const DRAIN_MILLISECONDS = 30_000;

/** The whole registry in one process, on the embedded stores. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const stores = await openEmbedded(options.config);
  const closing: (() => unknown)[] = [() => stores.close()];
  try {
    await stores.proveBlobs();
    return await serveOn(stores, closing, options);
  } catch (error) {
    await everyStep(closing);
    throw error;
  }
}

/** @param closing what ends that which is open, the last opened first; grows with each part that is opened */
async function serveOn(
  stores: EmbeddedStores,
  closing: (() => unknown)[],
  { config, log, metrics, broken, shutDown }: ServeOptions,
): Promise<Serving> {
  const passwords = new Argon2Hasher();
  const failed = (what: string, error: unknown): void => {
    log.error({ err: error, what }, 'background work failed');
  };
  const events = measuredEvents(stores.events, metrics);
  await buildMissing(stores, (projection, done, total) => {
    log.info({ projection, done, total }, 'building a read model before serving');
  });
  const core = await openCore({ config, stores: { ...stores, events }, passwords, failed });
  const registry = await openRegistry({ config, core, stores, passwords, metrics });
  core.projector.start();
  closing.unshift(() => core.projector.close());
  await core.projector.waitFor(await stores.events.end());
  await provisionBootstrapToken(config, core, log);
  const workers = await startWorkers({ config, core, stores, failed });
  closing.unshift(
    () => core.pulls.flush(),
    () => core.lastUses.settled(),
    () => workers.stop(),
  );
  const socket = await openAdminSocket(config.DATA_PATH, embeddedAdministration(config, core, stores));
  closing.unshift(() => socket.close());

  const addressOf = clientAddresses(config.TRUSTED_PROXY_CIDR);
  const setup = new SetupSecret(stores.keys);
  let ready = true;
  closing.unshift(() => (ready = false));
  stores.log.writer.onEnd(() => {
    if (!ready) return;
    log.fatal('the thread that writes the log has ended: this process cannot go on');
    broken?.();
  });
  const reached = async (position: Position): Promise<void> => {
    // Whoever waits for what is not in the log would wait for ever.
    if (position > (await events.end())) throw new StoreUnavailable('the log has not reached that position');
    await core.projector.waitFor(position);
  };
  const { routers, authentication, sessions } = await openApi({
    ...{ config, core, keys: stores.keys, registry, addressOf, log, reached },
    mailer: await openMailer(config, log),
    instance: instanceOf(config, () => shutDown?.()),
    record: (operation, method, status, seconds) => {
      metrics.route(`api-${operation}`, method).record(status, seconds);
    },
  });
  const application = createApplication({
    api: routers,
    root: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
    log,
    metrics: () => metrics.text(),
    routes: [
      keyServer({
        ...{ tokens: registry.tokens, clock: core.clock, ids: core.ids, addressOf },
        ...{ commands: core.commands.serviceKeys, queries: core.queries.serviceKeys },
        root: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
        readOnly: config.REGISTRY_STATE === 'readonly',
      }),
      checkpointRoutes(() => workers.published()),
      initializeRoutes({
        commands: core.commands.accounts,
        applications: core.commands.applications,
        accounts: core.queries.accounts,
        sessions,
        enabled: config.isOn('USER_INITIALIZE'),
        setup,
        first: new FirstAccount({ operational: stores.operational, clock: core.clock }),
        encrypted: registry.encrypted,
        addressOf,
        timeMachineSeconds: config.DEFAULT_TAG_EXPIRATION.seconds,
        context: (ip, userAgent) => ({ ...systemContext('api', core.ids.next()), ip, userAgent }),
      }),
      ...webRoutes({
        ...{ config, registry, authentication },
        checks: healthChecks({ config, core, stores, ready: () => ready }),
      }),
    ],
  });
  const door = createFrontDoor({
    registry: v2Handler({
      ...{ registry, log, addressOf, requestId: requestIds() },
      position: () => core.projector.position,
      reached,
      record: v2Recorder(metrics),
    }),
    application,
    tls: await tlsOf(config),
  });
  const url = await listen(door, config);
  metrics.projection('all', () => ({
    lagSeconds: core.lag.seconds,
    positionGap: core.lag.positionGap,
  }));
  log.info({ url, data: config.DATA_PATH }, 'serving');
  if (await core.queries.accounts.isEmpty()) announceSetup(log, config, url, await setup.issue());

  return {
    url,
    core,
    stop: async () => {
      ready = false;
      log.info('stopping: finishing what is under way');
      const noticeMilliseconds = config.STOP_NOTICE.seconds * 1000;
      const stopped = (): Promise<void> =>
        drain(door, { noticeMilliseconds, patienceMilliseconds: DRAIN_MILLISECONDS });
      await everyStep([stopped, ...closing]);
      log.info('stopped');
    },
  };
}

function listen(door: Server, { HTTP_HOST: host, HTTP_PORT: port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    const refused = (error: Error): void => {
      const why = 'code' in error && error.code === 'EADDRINUSE' ? 'something listens there already' : error.message;
      reject(new Error(`cannot listen on port ${port}: ${why}. TIDEMARK_HTTP_PORT chooses another`, { cause: error }));
    };
    door.once('error', refused);
    door.listen({ host, port, ipv6Only: host === '::' }, () => {
      door.off('error', refused);
      resolve(urlOf(door.address()));
    });
  });
}

/** What to type into a browser: the wildcard addresses are not one. */
function urlOf(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return String(address);
  const host = ['0.0.0.0', '::', '127.0.0.1', '::1'].includes(address.address) ? 'localhost' : address.address;
  return `http://${host}:${address.port}`;
}

/** Printed once, to the console and not to the log, which others may read. */
function announceSetup(log: Log, { DATA_PATH: folder }: Config, url: string, secret: string): void {
  log.warn('the registry is empty: make its first administrator with the command on the console');
  process.stderr.write(
    [
      '',
      'This registry has no account yet. Make the first administrator, either here:',
      '',
      `  TIDEMARK_DATA_PATH='${folder}' npm run tidemark -- user create NAME --superuser`,
      '',
      'or from anywhere that reaches it, with this secret, which works once:',
      '',
      `  curl -X POST ${url}/api/v1/user/initialize -H 'Content-Type: application/json' \\`,
      `    -H 'X-Setup-Secret: ${secret}' -d '{"username": "admin", "password": "at-least-8-characters"}'`,
      '',
      '',
    ].join('\n'),
  );
}
