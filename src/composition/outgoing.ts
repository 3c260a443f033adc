import { Destinations } from '../adapters/outgoing/addresses.js';
import { GuardedHttp } from '../adapters/outgoing/guarded.js';
import type { Config } from '../config/config.js';
import type { Outgoing } from '../ports/outgoing.js';
import { certificateAuthorities } from './certificateAuthorities.js';

/** Requests on a user's behalf, as far as the configuration lets them go. */
export const openOutgoing = async (config: Config): Promise<Outgoing> =>
  new GuardedHttp({
    destinations: new Destinations(config.SSRF_ALLOWED_HOSTS),
    authorities: await certificateAuthorities(config.folder),
  });
