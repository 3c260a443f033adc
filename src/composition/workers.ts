import { checkpointText } from '../domain/registry/checkpoint.js';
import { REGISTRY_STREAM, registryAggregate } from '../domain/registry/registry.js';
import { Checkpointer } from '../workers/checkpointer.js';
import { SigningKeys } from '../commands/signingKeys.js';
import { systemContext } from '../commands/context.js';
import { Repeating } from '../workers/repeating.js';
import { Sweeper } from '../workers/sweeper.js';
import type { Config } from '../config/config.js';
import { everyStep } from './everyStep.js';
import type { Core, Stores } from './core.js';

type WorkersOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly failed: (what: string, error: unknown) => void;
};

export type Workers = {
  /** The last signed head of the log, as text to be kept elsewhere. */
  published(): string | undefined;
  stop(): Promise<void>;
};

/** What happens without a request. Nothing is written while the instance is read-only. */
export async function startWorkers(options: WorkersOptions): Promise<Workers> {
  const { config, core, stores, failed } = options;
  const { streams, ids, clock } = core;
  const { lastCheckpoint } = await streams.load(registryAggregate, REGISTRY_STREAM);
  let last = lastCheckpoint?.signed;
  const published = (): string | undefined => last && checkpointText(last);
  if (config.REGISTRY_STATE === 'readonly') return { published, stop: () => Promise.resolve() };
  const { events, operational, blobs, keys } = stores;
  const checkpointer = new Checkpointer({
    ...{ events, operational, streams, ids },
    signingKeys: new SigningKeys(streams, keys),
    intervalSeconds: config.CHECKPOINT_INTERVAL.seconds,
    made: (checkpoint) => {
      last = checkpoint;
    },
    failed: (error) => {
      failed('checkpoint', error);
    },
  });
  const sweeper = new Sweeper({
    ...{ operational, blobs, clock },
    intervalSeconds: config.BLOBUPLOAD_CLEANUP_FREQUENCY,
    sweepsUploads: config.CLEAN_BLOB_UPLOAD_FOLDER,
    uploadSeconds: config.BLOBUPLOAD_DELETION_DATE_THRESHOLD * 60,
    failed: (error) => {
      failed('sweep', error);
    },
  });
  const repeating = [sizing(options), purging(options)];
  await checkpointer.start();
  sweeper.start();
  for (const work of repeating) work.start();
  return {
    published,
    stop: () =>
      everyStep([...repeating.map((work) => () => work.stop()), () => sweeper.stop(), () => checkpointer.close()]),
  };
}

function sizing({ config, core, failed }: WorkersOptions): Repeating {
  const { registrySize } = core.commands;
  const work = new Repeating({
    work: () => registrySize.run(),
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

function purging({ config, core, failed }: WorkersOptions): Repeating {
  const ttl = {
    unapprovedSeconds: config.UNAPPROVED_SERVICE_KEY_TTL_SEC,
    expiredSeconds: config.EXPIRED_SERVICE_KEY_TTL_SEC,
  };
  return new Repeating({
    work: () => core.commands.serviceKeys.purge(ttl, systemContext('system', core.ids.next())),
    intervalSeconds: PURGE_SECONDS,
    failed: (error) => {
      failed('service keys', error);
    },
  });
}
