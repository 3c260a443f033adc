import { randomBytes } from 'node:crypto';
import { Argon2Hasher } from '../src/adapters/passwords/argon2.js';
import { openCore, type Core, type Stores } from '../src/composition/core.js';
import { openProjector } from '../src/composition/projecting.js';
import { openDistributed, type DistributedStores } from '../src/composition/distributed.js';
import { openEmbedded, type EmbeddedStores } from '../src/composition/embedded.js';
import { systemContext, type CommandContext } from '../src/commands/context.js';
import { loadConfig } from '../src/config/load.js';
import type { Config } from '../src/config/config.js';
import { parseNamespaceName } from '../src/domain/shared/namespaceName.js';
import { parseRepositoryName } from '../src/domain/shared/repositoryPath.js';
import { digestOf, type Digest } from '../src/domain/shared/digest.js';
import type { NamespaceId, RepositoryId } from '../src/domain/shared/ids.js';
import type { ManifestRecord, Reference, RepositoryEvent } from '../src/domain/repository/events.js';
import { OCI_MANIFEST } from '../src/domain/manifest/mediaTypes.js';
import type { EventStore } from '../src/ports/eventStore.js';
import type { Settings } from '../test/support/registry.js';
import { PASSWORD } from './servers/tidemark.js';

/** The registry's inside in this process, on a data folder of its own or one that no server has open. */
export type InProcess<Opened extends Stores = EmbeddedStores> = {
  readonly config: Config;
  readonly stores: Opened;
  readonly core: Core;
  /** What a client of the bench would be in an event. */
  readonly context: () => CommandContext;
  close(): Promise<void>;
};

export type InProcessOptions = {
  /** Puts something between the commands and the event store. */
  readonly around?: (events: EventStore) => EventStore;
};

export async function openInProcess(
  folder: string,
  { around = (events) => events }: InProcessOptions = {},
): Promise<InProcess> {
  const { config } = loadConfig({ TIDEMARK_DATA_PATH: folder, TIDEMARK_SERVER_HOSTNAME: 'localhost' }, folder);
  return openInside(config, await openEmbedded(config), around);
}

/** The same on engines that other processes may share; this one feeds the read models and holds no lease for it. */
export async function openOnEngines(folder: string, settings: Settings): Promise<InProcess<DistributedStores>> {
  const own = { DATA_PATH: folder, SERVER_HOSTNAME: 'localhost', ...settings };
  const environment = Object.entries(own).map(([key, value]) => [`TIDEMARK_${key}`, value] as const);
  const { config } = loadConfig(Object.fromEntries(environment), folder);
  return openInside(config, await openDistributed(config, failed), (events) => events);
}

const failed = (what: string, error: unknown): void => {
  process.stderr.write(`${what}: ${String(error)}\n`);
};

async function openInside<Opened extends Stores & { close(): Promise<void> }>(
  config: Config,
  stores: Opened,
  around: (events: EventStore) => EventStore,
): Promise<InProcess<Opened>> {
  const within = { ...stores, events: around(stores.events) };
  const readModels = await openProjector(within, failed);
  const core = await openCore({ config, stores: within, readModels, passwords: new Argon2Hasher(), failed });
  return {
    ...{ config, stores, core },
    context: () => ({
      ...systemContext('registry', core.ids.next()),
      ip: '192.0.2.17',
      userAgent: 'docker/29.0.1 go/go1.26',
    }),
    close: async () => {
      await core.readModels.close();
      await stores.close();
    },
  };
}

/** A repository in a namespace of that name, which is made if need be. The projector must run. */
export async function repositoryIn(
  { core, context }: Pick<InProcess, 'core' | 'context'>,
  namespace: string,
  name: string,
): Promise<RepositoryId> {
  const user = {
    name: parseNamespaceName(namespace, 'username'),
    email: null,
    password: PASSWORD,
    superuser: true,
    timeMachineSeconds: 0,
  };
  const known = await core.queries.namespaces.byName(namespace);
  if (!known) await core.commands.accounts.register(user, context());
  const found = known ?? (await core.queries.namespaces.byName(namespace));
  if (!found) throw new Error(`there is no namespace ${namespace}`);
  return core.commands.repositories.ensure(
    // Ids in documents were branded before they went into an event.
    {
      namespaceId: found.id as NamespaceId,
      name: parseRepositoryName(name),
      visibility: 'private',
      description: '',
      creator: null,
    },
    context(),
  );
}

/** Drawn in bulk: making random bytes must not be what is measured. */
let drawn = '';

function randomDigest(): Digest {
  if (drawn === '') drawn = randomBytes(32 * 1024).toString('hex');
  const hex = drawn.slice(-64);
  drawn = drawn.slice(0, -64);
  return digestOf('sha256', hex);
}

const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

type Kind = 'config' | 'layer';

const reference = (kind: Kind, digest = randomDigest()): Reference => ({
  ...{ digest, kind, size: 1_234_567, due: true },
  mediaType: kind === 'config' ? OCI_CONFIG : OCI_LAYER,
});

/** The lower layers that the images of a repository have in common. */
export type Base = readonly Reference[];
export const baseLayers = (): Base => [reference('layer'), reference('layer'), reference('layer')];

/** The record of an image of a config and a layer of its own, upon a base. */
export function imageRecord(base: Base): { readonly digest: Digest; readonly manifest: ManifestRecord } {
  const manifest: ManifestRecord = {
    ...{ mediaType: OCI_MANIFEST, kind: 'image', size: 1_050, subject: null, annotationsInBytes: false },
    artifactType: OCI_CONFIG,
    references: [reference('config'), ...base, reference('layer')],
    annotations: { 'org.opencontainers.image.created': '2026-06-18T18:59:13Z' },
    labels: [{ key: 'org.opencontainers.image.version', value: '1.2.3', mediaType: 'text/plain' }],
  };
  return { digest: randomDigest(), manifest };
}

/** What a push of a new image under each of the tags appends. */
export function pushEvents(base: Base, ...tags: readonly string[]): readonly RepositoryEvent[] {
  const image = imageRecord(base);
  const pushed: RepositoryEvent = { type: 'ManifestPushed', data: image };
  const { digest } = image;
  const moves = tags.map((tag): RepositoryEvent => ({
    type: 'TagMoved',
    data: { tag, digest, previous: null, end: null },
  }));
  return [pushed, ...moves];
}
