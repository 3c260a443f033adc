import type { Exchange } from './exchange.js';
import type { Registry } from './registry.js';

/** The version check: any valid token will do; without one the challenge says where to get it (contract: registry-v2 §2). */
export async function ping({ authorization, settings }: Registry, exchange: Exchange): Promise<void> {
  const sparse = ['X-Sparse-Manifest-Support', String(settings.sparse)];
  if (exchange.header('authorization') === undefined) {
    exchange.json(401, true, ['WWW-Authenticate', authorization.challengeHeader(), ...sparse]);
    return;
  }
  await authorization.caller(exchange);
  exchange.json(200, true, sparse);
}
