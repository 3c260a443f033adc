import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Argon2Hasher } from '../adapters/passwords/argon2.js';
import type { Config } from '../config/config.js';
import type { Administration } from './administration.js';
import { connectAdministration } from './adminSocket.js';
import { openCore } from './core.js';
import { openEmbedded } from './embedded.js';
import { buildMissing, embeddedAdministration } from './embeddedAdministration.js';

/** The log of the registry that the configuration names. @throws if there is none: a typing error must not make one */
export function existingLog({ DATA_PATH: folder }: Config): string {
  const path = join(folder, 'log.sqlite');
  if (existsSync(path)) return path;
  throw new Error(
    `there is no registry in ${folder}: TIDEMARK_DATA_PATH, or DATA_PATH in config.yaml, names its folder`,
  );
}

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
