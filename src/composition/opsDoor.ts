import type { Server } from 'node:http';
import type { Config } from '../config/config.js';
import { createApplication } from '../http/application.js';
import { healthRoutes } from '../http/ops/health.js';
import { createFrontDoor } from '../http/server.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { Core, Stores } from './core.js';
import { healthChecks } from './health.js';
import { tlsOf } from './tls.js';

export type OpsDoorOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly ready: () => boolean;
};

/** Health and metrics of a process that serves nobody else. Nobody is known there, so nobody is told more. */
export async function opsDoor({ config, core, stores, log, metrics, ready }: OpsDoorOptions): Promise<Server> {
  const application = createApplication({
    api: [],
    root: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
    log,
    metrics: () => metrics.text(),
    routes: [
      healthRoutes({
        checks: healthChecks({ config, core, stores, ready }),
        isTrusted: () => Promise.resolve(false),
        about: {},
        debugSecret: config.ENABLE_HEALTH_DEBUG_SECRET,
        secureCookies: config.PREFERRED_URL_SCHEME === 'https',
      }),
    ],
  });
  return createFrontDoor({ registry: application, application, tls: await tlsOf(config) });
}
