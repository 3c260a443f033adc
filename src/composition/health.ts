import { statfs } from 'node:fs/promises';
import type { Config } from '../config/config.js';
import { digestOf } from '../domain/shared/digest.js';
import type { Generation } from '../ports/blobStore.js';
import type { HealthChecks } from '../http/ops/health.js';
import type { Core, Stores } from './core.js';

type HealthOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly ready: () => boolean;
};

/** Nobody has a content with this digest: looking for it proves that the store answers. */
const NOTHING = { digest: digestOf('sha256', '0'.repeat(64)), generation: 'health' as Generation };

/** Quay's names of services stand for the parts that do their work here (contract: superuser §13). */
export function healthChecks({ config, core, stores, ready }: HealthOptions): HealthChecks {
  const database = async (): Promise<boolean> => {
    await stores.operational.get('contents', 'health');
    await core.queries.accounts.isEmpty();
    return true;
  };
  const storage = async (): Promise<boolean> => (await stores.blobs.stat(NOTHING)) === undefined;
  const freeShare = async (): Promise<number> => {
    // On engines nothing lies there that lasts, and often not even the folder.
    if (!stores.sole) return 1;
    const { bavail, blocks } = await statfs(config.DATA_PATH);
    return bavail / blocks;
  };
  const caughtUp = (): boolean => core.lag.seconds * 1000 <= config.PROJECTION_LAG_LIMIT_MS;
  const yes = (): boolean => true;
  return {
    // Who trails by himself lets others answer. Read models on engines trail for all alike: they can be read, and saying no
    // would take the pulls away, too.
    ready: () => ready() && core.readModels.answering && (!stores.sole || caughtUp()),
    instance: {
      registry_gunicorn: yes,
      web_gunicorn: yes,
      service_key: yes,
      disk_space: async () => (await freeShare()) > config.DISKSPACE_HEALTH_THRESHOLD,
      database,
      auth: yes,
      ...(config.HEALTH_CHECKER_INSTANCE_CHECK_PREFERRED_STORAGE === true ? { preferred_storage: storage } : {}),
    },
    // `redis` stands for what carries live events between the parts: here the read models that follow the log.
    endToEnd: { database, redis: caughtUp, storage, auth: yes },
    warning: { disk_space_warning: async () => (await freeShare()) > config.DISKSPACE_HEALTH_WARNING_THRESHOLD },
  };
}
