import type { Config } from '../config/config.js';
import type { DistributedStores } from './distributed.js';
import { openEmbedded, type EmbeddedStores } from './embedded.js';
import type { Failed } from './failed.js';

export type OpenStores = EmbeddedStores | DistributedStores;

/** The stores that the configuration names. @throws as `openEmbedded` and `openDistributed` do */
export async function openStores(config: Config, failed: Failed): Promise<OpenStores> {
  if (config.EVENT_STORE === 'embedded') return openEmbedded(config);
  // The clients of the engines are large: only who uses them loads them.
  const { openDistributed } = await import('./distributed.js');
  return openDistributed(config, failed);
}
