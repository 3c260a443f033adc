import { dockerVersion, meetsRule } from './dockerVersion.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';
import type { Registry } from './registry.js';

/** The version check: any valid token will do; without one the challenge says where to get it (contract: registry-v2 §2). */
export async function ping({ authorization, settings }: Registry, exchange: Exchange): Promise<void> {
  const { advertised, excludedDocker } = settings;
  if (!advertised || meetsRule(dockerVersion(exchange.userAgent), excludedDocker)) {
    // A client that finds no v2 falls back to v1.
    throw new OciError(404, 'UNSUPPORTED', 'this registry does not offer version 2 of the protocol to this client');
  }
  const sparse = ['X-Sparse-Manifest-Support', String(settings.sparse)];
  if (exchange.header('authorization') === undefined) {
    exchange.json(401, true, ['WWW-Authenticate', authorization.challengeHeader(), ...sparse]);
    return;
  }
  await authorization.subject(exchange);
  exchange.json(200, true, sparse);
}
