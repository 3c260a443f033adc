import type { CommandContext } from '../../commands/context.js';
import type { Contents } from '../../commands/contents.js';
import type { PushManifestHandler } from '../../commands/pushManifest.js';
import type { RepositoryCommands } from '../../commands/repositories.js';
import type { TagCommands } from '../../commands/tags.js';
import type { Uploads } from '../../commands/uploads.js';
import type { RepositoryId } from '../../domain/shared/ids.js';
import type { NameRules } from '../../domain/shared/repositoryPath.js';
import type { BlobStore } from '../../ports/blobStore.js';
import type { Clock, Ids } from '../../ports/clock.js';
import type { Directory } from '../../projections/directory.js';
import type { Identities } from '../../projections/identities.js';
import type { ManifestQueries } from '../../projections/manifestQueries.js';
import type { NamespaceQueries } from '../../projections/namespaces.js';
import type { RepositoryQueries } from '../../projections/repositories.js';
import type { TagQueries } from '../../projections/tagQueries.js';
import type { Credentials } from '../auth/credentials.js';
import type { Tokens } from '../auth/tokens.js';
import type { Authorization } from './authorization.js';
import type { BlobReads } from './blobReads.js';
import type { Exchange } from './exchange.js';
import type { ManifestReads } from './manifestReads.js';
import type { Puller } from '../../commands/pullBatch.js';
import type { PullRecorder } from '../../commands/pulls.js';

/** What can be switched about `/v2` (contract: config §5). */
export type V2Settings = {
  readonly names: NameRules;
  readonly publicByDefault: boolean;
  readonly referrersApi: boolean;
  readonly sparse: boolean;
  readonly publicCatalog: boolean;
  readonly readOnly: boolean;
  readonly pushesDisabled: boolean;
  readonly manifestBytes: number;
  /** Blobs up to here come from the registry: another connection would cost clients more than the bytes. */
  readonly servedHereBytes: number;
  readonly pageSize: number;
  /** Whether OCI media types are taken in a namespace. */
  readonly takesOci: (namespace: string) => boolean;
  /** Whether a namespace takes nothing but schema 1. */
  readonly onlySchema1: (namespace: string) => boolean;
  /** Off: `/v2/` answers 404, as to Docker engines that the rule excludes. */
  readonly advertised: boolean;
  readonly excludedDocker: string;
  /** Only administrators work, on accounts: data endpoints answer 405. */
  readonly recovering: boolean;
};

/** Everything that the routes of `/v2` call; put together in the composition root. */
export type Registry = {
  readonly settings: V2Settings;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly tokens: Tokens;
  readonly credentials: Credentials;
  readonly authorization: Authorization;
  readonly directory: Directory;
  readonly identities: Identities;
  readonly blobs: BlobStore;
  readonly contents: Contents;
  readonly uploads: Uploads;
  readonly manifestReads: ManifestReads;
  readonly blobReads: BlobReads;
  readonly pulls: PullRecorder;
  readonly commands: {
    readonly repositories: RepositoryCommands;
    readonly tags: TagCommands;
    readonly pushManifest: PushManifestHandler;
  };
  readonly queries: {
    readonly manifests: ManifestQueries;
    readonly namespaces: NamespaceQueries;
    readonly repositories: RepositoryQueries;
    readonly tags: TagQueries;
  };
};

/** Who asks, for the events that come of it. */
export const contextOf = (exchange: Exchange, ids: Ids, asSuperuser = false): CommandContext => ({
  ...pullerOf(exchange),
  via: 'registry',
  asSuperuser,
  correlationId: ids.next(),
});

export function pullerOf({ token, ip, userAgent }: Exchange): Puller {
  const subject = token?.subject;
  return subject && subject.kind !== 'anonymous'
    ? { actor: { kind: subject.kind, id: subject.id }, credential: subject.credential, ip, userAgent }
    : { actor: { kind: 'anonymous', id: null }, credential: null, ip, userAgent };
}

// Ids in documents were branded before they went into an event.
export const idOf = (document: { readonly id: string }): RepositoryId => document.id as RepositoryId;
