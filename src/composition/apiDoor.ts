import type { Server } from 'node:http';
import { checkpointText } from '../domain/registry/checkpoint.js';
import { REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import { systemContext } from '../commands/context.js';
import type { PasswordHasher } from '../commands/passwords.js';
import type { Config } from '../config/config.js';
import type { Position } from '../domain/shared/ids.js';
import { createApplication } from '../http/application.js';
import { initializeRoutes } from '../http/api/initialize.js';
import type { SetupSecret } from '../http/auth/setupSecret.js';
import { checkpointRoutes } from '../http/ops/checkpoint.js';
import { clientAddresses } from '../http/clientAddress.js';
import { createFrontDoor } from '../http/server.js';
import { keyServer } from '../http/web/keys.js';
import { v2Handler } from '../http/v2/router.js';
import { ReadModelsTrail } from '../ports/errors.js';
import { isVain } from '../projections/readModels.js';
import type { Log } from '../telemetry/log.js';
import { requestIds } from '../telemetry/requestId.js';
import type { Metrics } from '../telemetry/metrics.js';
import { openApi } from './api.js';
import type { Core, Stores } from './core.js';
import { healthChecks } from './health.js';
import { instanceOf } from './instance.js';
import { openMailer } from './mail.js';
import { v2Recorder } from './recorder.js';
import { openRegistry } from './registry.js';
import { tlsOf } from './tls.js';
import { webRoutes } from './web.js';

export type ApiDoorOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly passwords: PasswordHasher;
  readonly setup: SetupSecret;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ready: () => boolean;
  readonly shutDown: () => void;
};

/** How long a read waits for the position that it asks for before it is told to come back. */
const PATIENCE_MILLISECONDS = 5_000;

/** Everything that clients and people speak to, not listening yet. */
export async function apiDoor(options: ApiDoorOptions): Promise<Server> {
  const { config, core, stores, passwords, setup, log, metrics, ready, shutDown } = options;
  const { readModels } = core;
  const root = `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`;
  const registry = await openRegistry({ config, core, stores, passwords, metrics });
  const addressOf = clientAddresses(config.TRUSTED_PROXY_CIDR);
  const reached = async (position: Position): Promise<void> => {
    // Whoever waits for what is not in the log would wait for ever.
    if (position > readModels.position && position > (await stores.events.end())) {
      throw new ReadModelsTrail('the log has not reached the position that was asked for');
    }
    try {
      await readModels.waitFor(position, PATIENCE_MILLISECONDS);
    } catch (error) {
      if (!isVain(error)) throw error;
      throw new ReadModelsTrail('the read models have not reached the position that was asked for: try again');
    }
  };
  const published = async (): Promise<string | undefined> => {
    const { lastCheckpoint } = await core.streams.load(registryAggregate, REGISTRY_STREAM);
    return lastCheckpoint ? checkpointText(lastCheckpoint.signed) : undefined;
  };
  const { routers, authentication, sessions } = await openApi({
    ...{ config, core, keys: stores.keys, sole: stores.sole, registry, addressOf, log, reached },
    mailer: await openMailer(config, log),
    instance: instanceOf(config, shutDown),
    record: (operation, method, status, seconds) => {
      metrics.route(`api-${operation}`, method).record(status, seconds);
    },
  });
  const application = createApplication({
    ...{ api: routers, root, log, metrics: () => metrics.text() },
    routes: [
      keyServer({
        ...{ tokens: registry.tokens, clock: core.clock, ids: core.ids, addressOf, root },
        ...{ commands: core.commands.serviceKeys, queries: core.queries.serviceKeys },
        readOnly: config.REGISTRY_STATE === 'readonly',
      }),
      checkpointRoutes(published),
      initializeRoutes({
        commands: core.commands.accounts,
        applications: core.commands.applications,
        accounts: core.queries.accounts,
        sessions,
        enabled: config.isOn('USER_INITIALIZE'),
        setup,
        encrypted: registry.encrypted,
        addressOf,
        timeMachineSeconds: config.DEFAULT_TAG_EXPIRATION.seconds,
        context: (ip, userAgent) => ({ ...systemContext('api', core.ids.next()), ip, userAgent }),
      }),
      ...webRoutes({ ...{ config, registry, authentication }, checks: healthChecks({ config, core, stores, ready }) }),
    ],
  });
  return createFrontDoor({
    registry: v2Handler({
      ...{ registry, log, addressOf, requestId: requestIds() },
      position: () => readModels.position,
      reached,
      record: v2Recorder(metrics),
    }),
    application,
    tls: await tlsOf(config),
  });
}
