import { v7 as uuidv7 } from 'uuid';
import { AccountLifeCommands } from '../commands/accountLife.js';
import { ApplicationCommands } from '../commands/applications.js';
import { AuthorizationCodes } from '../commands/authorizations.js';
import { DefaultPermissionCommands } from '../commands/defaultPermissions.js';
import { MessageCommands } from '../commands/messages.js';
import { NamespaceCommands } from '../commands/namespaces.js';
import { OrganizationCommands } from '../commands/organizations.js';
import { TeamCommands } from '../commands/teams.js';
import { Contents } from '../commands/contents.js';
import type { ContentDamage } from '../commands/damagedContents.js';
import { ActivityCommands } from '../commands/activities.js';
import { OwnershipCommands } from '../commands/ownership.js';
import { PermissionCommands } from '../commands/permissions.js';
import { RobotCommands } from '../commands/robots.js';
import type { PasswordHasher } from '../commands/passwords.js';
import { LabelCommands } from '../commands/labels.js';
import type { LastUses } from '../commands/lastUses.js';
import { PushManifestHandler } from '../commands/pushManifest.js';
import { PullRecorder } from '../commands/pulls.js';
import { RegistrySize } from '../commands/registrySize.js';
import { RepositoryCommands } from '../commands/repositories.js';
import { Sealing } from '../commands/sealing.js';
import { ServiceKeyCommands } from '../commands/serviceKeys.js';
import { Streams } from '../commands/streams.js';
import { TagCommands } from '../commands/tags.js';
import { UploadIds } from '../commands/uploadIds.js';
import { Uploads } from '../commands/uploads.js';
import { UploadsInFlight } from '../commands/uploadsInFlight.js';
import type { Config } from '../config/config.js';
import { memberKey } from '../domain/organization/team/state.js';
import { timestamp } from '../domain/shared/time.js';
import type { BlobStore } from '../ports/blobStore.js';
import type { Clock, Ids } from '../ports/clock.js';
import type { DocumentStore } from '../ports/documentStore.js';
import type { EventStore } from '../ports/eventStore.js';
import type { KeyStore } from '../ports/keyStore.js';
import type { SnapshotStore } from '../ports/snapshotStore.js';
import type { OperationalStore } from '../ports/operationalStore.js';
import type { ReadModels } from '../projections/readModels.js';
import type { Commands } from '../commands/commands.js';
import type { Queries } from '../projections/queries.js';
import { openQueries } from './projections.js';
import { peopleCommands } from './people.js';
import { openBootstrapTokens } from './bootstrapToken.js';
import { openLastUses } from './lastUses.js';
import type { Failed } from './failed.js';
import { LagGuard } from './lagGuard.js';

/** The outside world, whichever engines it is made of. */
export type Stores = {
  readonly events: EventStore;
  readonly operational: OperationalStore;
  readonly documents: DocumentStore;
  readonly keys: KeyStore;
  readonly blobs: BlobStore;
  readonly snapshots: SnapshotStore;
  /** Small contents, records and events are committed by one writer, in the order of submission. */
  readonly oneWriter: boolean;
  /** This process alone uses them: what it has read and kept only it can make untrue. */
  readonly sole: boolean;
};

export type CoreOptions = {
  readonly config: Config;
  readonly stores: Stores;
  readonly readModels: ReadModels;
  readonly passwords: PasswordHasher;
  readonly clock?: Clock;
  readonly ids?: Ids;
  readonly failed: Failed;
  /** Told of contents whose bytes are not what their record says; a command that looks for them reports them itself. */
  readonly foundDamaged?: (content: ContentDamage) => void;
};

/** Commands and read models of one process, without any protocol. */
export type Core = {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sealing: Sealing;
  readonly streams: Streams;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly inFlight: UploadsInFlight;
  readonly pulls: PullRecorder;
  readonly lastUses: LastUses;
  readonly readModels: ReadModels;
  readonly queries: Queries;
  readonly lag: LagGuard;
  readonly commands: Commands;
};

export const systemClock: Clock = { now: () => timestamp(Date.now()) };
export const systemIds: Ids = { next: () => uuidv7() };

/** Whether robots of a name may be made and let in. */
export const robotsAllowed = (config: Pick<Config, 'ROBOTS_DISALLOW' | 'ROBOTS_WHITELIST'>) => {
  const exempt = new Set(config.ROBOTS_WHITELIST);
  return (name: string): boolean => !config.ROBOTS_DISALLOW || exempt.has(name);
};

/** Puts commands and queries on the stores. The read models are not started. */
export async function openCore(options: CoreOptions): Promise<Core> {
  const { config, stores, readModels, passwords, failed, clock = systemClock, ids = systemIds } = options;
  const { events, operational, documents, keys, blobs } = stores;
  const lagLimit = config.PROJECTION_LAG_LIMIT_MS;
  const takeover = 2 * config.LEASE_SECONDS * 1000;
  const lag = new LagGuard({ lag: lagLimit, patience: lagLimit + takeover }, readModels);
  const sealing = new Sealing(keys);
  const streams = new Streams({
    ...{ events, sealing, clock, ids, snapshots: stores.snapshots },
    failed: (error) => {
      failed('snapshot', error);
    },
    admit: () => lag.admit(),
    appended: (position, outcome) => lag.waitFor(position, outcome),
  });
  const holdSeconds = config.PUSH_TEMP_TAG_EXPIRATION_SEC;
  const contents = new Contents({
    ...{ blobs, operational, clock, ids, holdSeconds, oneWriter: stores.oneWriter },
    notRemoved: (error) => {
      failed('bytes that nobody names any more', error);
    },
    ...(options.foundDamaged ? { foundDamaged: options.foundDamaged } : {}),
  });
  const inFlight = new UploadsInFlight(config.UPLOADS_IN_FLIGHT_LIMIT, operational);
  await inFlight.load();
  const uploads = new Uploads({
    inFlight,
    ...{ blobs, operational, contents, clock },
    ids: new UploadIds(await keys.ensure('instance:uploads')),
    maximumBytes: config.MAXIMUM_LAYER_SIZE.bytes,
    lifetimeSeconds: config.BLOBUPLOAD_DELETION_DATE_THRESHOLD * 60,
  });
  const pulls = new PullRecorder({
    ...{ events, sealing, clock, ids },
    strict: config.AUDIT_PULLS_STRICT,
    failed: (error) => {
      failed('pull records', error);
    },
  });
  const queries = await openQueries(documents);
  const maximumTokens = config.OAUTH_APPLICATION_MAXIMUM_TOKEN_COUNT;
  const applications = new ApplicationCommands({ streams, sealing, ids, maximumTokens });
  const authorizationCodes = new AuthorizationCodes({
    ...{ operational, sealing, clock, ids, applications },
    isActive: async (id) => (await queries.accounts.byId(id))?.disabled === false,
  });
  const repositories = new RepositoryCommands({ streams, ids });
  const namespaces = new NamespaceCommands({
    ...{ streams, sealing, ids, repositories },
    repositoriesIn: (id) => queries.repositories.idsIn(id),
  });
  const organizations = new OrganizationCommands({
    ...{ streams, sealing, ids, namespaces, repositories },
    grantedIn: (id, member) => queries.repositories.idsGrantedIn(id, member),
    organizationsNaming: (member) => queries.organizations.organizationsNaming(memberKey(member)),
  });
  const accountLife = new AccountLifeCommands({
    ...{ streams, sealing, namespaces, organizations, repositories },
    grantedTo: (grantee) => queries.repositories.idsGrantedTo(grantee),
  });
  return {
    ...{ clock, ids, sealing, streams, contents, uploads, inFlight, pulls, readModels, lag, queries },
    lastUses: openLastUses(config, stores, clock, failed),
    commands: {
      ...{ applications, authorizationCodes },
      ...peopleCommands({ config, streams, sealing, passwords, clock, ids, operational }),
      bootstrapTokens: openBootstrapTokens(config, applications, queries),
      messages: new MessageCommands({ streams, ids }),
      serviceKeys: new ServiceKeyCommands({ streams, sealing, clock, ids }),
      registrySize: new RegistrySize({ operational, clock }),
      permissions: new PermissionCommands(streams),
      activities: new ActivityCommands({ streams, clock, ids }),
      robots: new RobotCommands({
        ...{ streams, sealing, ids, organizations, repositories },
        grantedIn: (id, robot) => queries.repositories.idsGrantedIn(id, robot),
        allowed: robotsAllowed(config),
      }),
      namespaces,
      organizations,
      accountLife,
      ownership: new OwnershipCommands({ streams, organizations, accountLife }),
      teams: new TeamCommands({ streams, sealing, ids }),
      defaultPermissions: new DefaultPermissionCommands({ streams, ids }),
      repositories,
      tags: new TagCommands({
        streams,
        lifetimes: {
          minimumSeconds: config.LABELED_EXPIRATION_MINIMUM.seconds,
          maximumSeconds: config.LABELED_EXPIRATION_MAXIMUM.seconds,
        },
        releasesChildren: config.RESET_CHILD_MANIFEST_EXPIRATION,
      }),
      labels: new LabelCommands({ streams, ids, reservedPrefixes: config.LABEL_KEY_RESERVED_PREFIXES }),
      pushManifest: new PushManifestHandler({
        ...{ streams, contents, holdSeconds, sparse: config.isOn('SPARSE_INDEX') },
        isNamed: async (repository, blob) =>
          (await queries.manifests.namedUntil(repository, blob, clock.now())) !== undefined,
      }),
    },
  };
}
