import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import type { Config } from '../config/config.js';
import type { Administration } from './administration.js';
import { connectAdministration } from './adminSocket.js';
import { openCore } from './core.js';
import { openEmbedded } from './embedded.js';
import { buildMissing, embeddedAdministration } from './embeddedAdministration.js';

/**
 * Lets a command administer the registry: through the process that owns the stores, or on the stores themselves when
 * nobody owns them.
 */
export async function administer<Result>(
  config: Config,
  act: (administration: Administration) => Promise<Result>,
): Promise<Result> {
  const running = await connectAdministration(config.DATA_PATH);
  if (running) return act(running);
  const stores = await openEmbedded(config);
  try {
    const failed = (_what: string, error: unknown): void => {
      throw error;
    };
    await buildMissing(stores, () => undefined);
    const core = await openCore({ config, stores, passwords: new Argon2Hasher(), failed });
    core.projector.start();
    await core.projector.waitFor(await stores.events.end());
    const result = await act(embeddedAdministration(config, core, stores));
    await core.projector.close();
    return result;
  } finally {
    await stores.close();
  }
}
