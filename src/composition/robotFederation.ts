import type { Router } from 'express';
import { Destinations } from '../adapters/outgoing/addresses.js';
import { GuardedHttp } from '../adapters/outgoing/guarded.js';
import type { Config } from '../config/config.js';
import { RobotTokenExchange } from '../http/auth/federation/exchange.js';
import { Issuers } from '../http/auth/federation/issuers.js';
import type { ClientAddress } from '../http/clientAddress.js';
import { robotFederationRoutes } from '../http/web/robotFederation.js';
import type { Outgoing } from '../ports/outgoing.js';
import { certificateAuthorities } from './certificateAuthorities.js';
import type { Core } from './core.js';
import type { OpenRegistry } from './registry.js';

export type RobotFederationOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly registry: OpenRegistry;
  readonly addressOf: ClientAddress;
};

/** Requests on a user's behalf, as far as the configuration lets them go. */
export const openOutgoing = async (config: Config): Promise<Outgoing> =>
  new GuardedHttp({
    destinations: new Destinations(config.SSRF_ALLOWED_HOSTS),
    authorities: await certificateAuthorities(config.folder),
  });

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
