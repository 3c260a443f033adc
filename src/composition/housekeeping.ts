import { once } from 'node:events';
import { systemContext } from '../commands/context.js';
import { ServiceKeyCommands } from '../commands/serviceKeys.js';
import { SigningKeys } from '../commands/signingKeys.js';
import { Streams } from '../commands/streams.js';
import type { Config } from '../config/config.js';
import { Checkpointer } from '../workers/checkpointer.js';
import { Lease } from '../workers/lease.js';
import { LeaseLost } from '../workers/leaseTerm.js';
import { Repeating } from '../workers/repeating.js';
import { Sweeper } from '../workers/sweeper.js';
import type { Core, Stores } from './core.js';
import { everyStep } from './everyStep.js';
import type { Failed } from './failed.js';
import { nodeName } from './node.js';

export type HousekeepingOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly failed: Failed;
};

export type Housekeeping = { stop(): Promise<void> };

/** What happens every so often without a request. Where several processes could do it, one at a time does. */
export async function keepHouse(options: HousekeepingOptions): Promise<Housekeeping> {
  const { config, stores, failed } = options;
  if (stores.sole) return begin(options);
  const lease = new Lease({
    ...{ operational: stores.operational, name: 'housekeeping', holder: nodeName(config) },
    seconds: config.LEASE_SECONDS,
    failed: (error) => {
      failed('housekeeping', error);
    },
  });
  return lease.hold(async ({ signal }) => {
    const begun = await begin(options);
    if (!signal.aborted) await once(signal, 'abort');
    // Somebody else signs the log, or will.
    if (signal.reason instanceof LeaseLost) await begun.abandon();
    else await begun.stop();
  });
}

type Begun = Housekeeping & {
  /** Ends as `stop` does, and leaves what is to be signed to others. */
  abandon(): Promise<void>;
};

async function begin(options: HousekeepingOptions): Promise<Begun> {
  const { config, core, stores, failed } = options;
  const { ids, clock } = core;
  const { events, operational, blobs, keys } = stores;
  const streams = openStreams(options);
  const checkpointer = new Checkpointer({
    ...{ events, operational, streams, ids },
    signingKeys: new SigningKeys(streams, keys),
    intervalSeconds: config.CHECKPOINT_INTERVAL.seconds,
    failed: (error) => {
      failed('checkpoint', error);
    },
  });
  const sweeper = new Sweeper({
    ...{ operational, blobs, clock },
    sweepsUploads: config.CLEAN_BLOB_UPLOAD_FOLDER,
    uploadSeconds: config.BLOBUPLOAD_DELETION_DATE_THRESHOLD * 60,
  });
  const sweeping = new Repeating({
    work: (signal) => sweeper.sweep(signal),
    intervalSeconds: config.BLOBUPLOAD_CLEANUP_FREQUENCY,
    failed: (error) => {
      failed('sweep', error);
    },
  });
  const repeating = [sizing(options), purging(options, streams), sweeping];
  await checkpointer.start();
  for (const work of repeating) work.start();
  // All are told at once: each ends after the item that it is at.
  const ended = (): Promise<unknown> => Promise.all(repeating.map((work) => work.stop()));
  return {
    stop: () => everyStep([ended, () => checkpointer.close()]),
    abandon: async () => {
      await Promise.all([ended(), checkpointer.abandon()]);
    },
  };
}

/**
 * They do not wait for the read models, on which nothing rests that is done here: a whole cluster that stops leaves
 * nobody who feeds them, and what was signed must be noted all the same.
 */
function openStreams({
  core: { sealing, clock, ids },
  stores: { events, snapshots },
  failed,
}: HousekeepingOptions): Streams {
  return new Streams({
    ...{ events, snapshots, sealing, clock, ids },
    failed: (error) => {
      failed('snapshot', error);
    },
  });
}

function sizing({ config, core, failed }: HousekeepingOptions): Repeating {
  const { registrySize } = core.commands;
  const work = new Repeating({
    work: (signal) => registrySize.run(signal),
    intervalSeconds: config.QUOTA_REGISTRY_SIZE_POLL_PERIOD,
    failed: (error) => {
      failed('registry size', error);
    },
  });
  registrySize.onQueued(() => {
    work.soon();
  });
  return work;
}

/** How often service keys are looked for whose time is over. */
const PURGE_SECONDS = 60;

function purging({ config, core, failed }: HousekeepingOptions, streams: Streams): Repeating {
  const { sealing, clock, ids } = core;
  const serviceKeys = new ServiceKeyCommands({ streams, sealing, clock, ids });
  const ttl = {
    unapprovedSeconds: config.UNAPPROVED_SERVICE_KEY_TTL_SEC,
    expiredSeconds: config.EXPIRED_SERVICE_KEY_TTL_SEC,
  };
  return new Repeating({
    work: () => serviceKeys.purge(ttl, systemContext('system', ids.next())),
    intervalSeconds: PURGE_SECONDS,
    failed: (error) => {
      failed('service keys', error);
    },
  });
}
