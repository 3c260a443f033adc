import type { Router } from 'express';
import type { Config } from '../config/config.js';
import { RobotTokenExchange } from '../http/auth/federation/exchange.js';
import { Issuers } from '../http/auth/federation/issuers.js';
import type { ClientAddress } from '../http/clientAddress.js';
import { robotFederationRoutes } from '../http/web/robotFederation.js';
import type { Core } from './core.js';
import { openOutgoing } from './outgoing.js';
import type { OpenRegistry } from './registry.js';

export type RobotFederationOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly registry: OpenRegistry;
  readonly addressOf: ClientAddress;
};

export async function openRobotFederation({
  config,
  core,
  registry,
  addressOf,
}: RobotFederationOptions): Promise<Router> {
  const { ids, clock, queries, commands } = core;
  const exchange = new RobotTokenExchange({
    ...{ namespaces: queries.namespaces, robots: queries.robots, activities: commands.activities, clock },
    ...{ identities: registry.identities, passes: registry.passes },
    issuers: new Issuers(await openOutgoing(config)),
    readOnly: config.REGISTRY_STATE === 'readonly',
  });
  const root = `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`;
  return robotFederationRoutes({ exchange, ids, addressOf, root });
}
