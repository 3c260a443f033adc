import { createHash, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { AccessPolicy } from '../domain/access.js';
import type { PasswordHasher } from '../commands/passwords.js';
import type { Config } from '../config/config.js';
import { clientKeyOf, EncryptedPasswords } from '../http/auth/encryptedPassword.js';
import { RobotPasses } from '../http/auth/robotPasses.js';
import { Tokens } from '../http/auth/tokens.js';
import { Authorization } from '../http/v2/authorization.js';
import { BlobReads } from '../http/v2/blobReads.js';
import { ManifestReads } from '../http/v2/manifestReads.js';
import type { Registry, V2Settings } from '../http/v2/registry.js';
import type { KeyStore } from '../ports/keyStore.js';
import { Directory } from '../projections/directory.js';
import { Identities } from '../projections/identities.js';
import type { Metrics } from '../telemetry/metrics.js';
import { robotsAllowed, type Core, type Stores } from './core.js';
import { openCredentials } from './credentials.js';

export type RegistryOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly stores: Stores;
  readonly passwords: PasswordHasher;
  readonly metrics: Metrics;
};

/** Life of a token in seconds; clients renew theirs by themselves. */
const TOKEN_SECONDS = 3600;

/** What this process issues it must accept itself. */
export const tokenSeconds = (config: Pick<Config, 'REGISTRY_JWT_AUTH_MAX_FRESH_S'>): number =>
  Math.min(TOKEN_SECONDS, config.REGISTRY_JWT_AUTH_MAX_FRESH_S);

/** What `/v2` calls, and what the rest of the registry shares with it. */
export type OpenRegistry = Registry & { readonly encrypted: EncryptedPasswords; readonly passes: RobotPasses };

/** Everything that `/v2` calls, put together. */
export async function openRegistry(options: RegistryOptions): Promise<OpenRegistry> {
  const { config, core, stores, passwords, metrics } = options;
  const { clock, ids, contents, uploads, pulls, queries, commands } = core;
  const cache = stores.sole;
  const { namespaces, repositories, organizations } = queries;
  const directory = new Directory({ ...{ namespaces, repositories, organizations, cache }, policy: policyOf(config) });
  const identities = new Identities({
    ...{ accounts: queries.accounts, namespaces, robots: queries.robots, applications: queries.applications, cache },
    appTokens: queries.accounts,
    names: namesOf(config),
    isRestricted: (name) =>
      config.isOn('RESTRICTED_USERS') && !(config.RESTRICTED_USERS_WHITELIST ?? []).includes(name),
    isRobotAllowed: robotsAllowed(config),
  });
  const manifestReads = new ManifestReads({
    ...{ manifests: queries.manifests, tags: queries.tags, contents, clock, cache },
    counted: countInto(metrics, 'manifests'),
  });
  const blobReads = new BlobReads({ manifests: queries.manifests, contents, clock, cache });
  for (const kept of [identities, directory, manifestReads, blobReads]) {
    core.readModels.onApplied((events) => {
      kept.applied(events);
    });
  }
  contents.damaged.onMarked(() => {
    for (const kept of [manifestReads, blobReads]) kept.clear();
  });
  const tokens = await openTokens(config, stores.keys);
  const clientKey =
    config.SECRET_KEY === undefined ? await stores.keys.ensure('instance:client-keys') : clientKeyOf(config.SECRET_KEY);
  const encrypted = new EncryptedPasswords(clientKey);
  const passes = new RobotPasses(await stores.keys.ensure('instance:robot-passes'), config.SERVER_HOSTNAME);
  return {
    ...{ encrypted, passes },
    ...{
      clock,
      ids,
      tokens,
      directory,
      identities,
      contents,
      uploads,
      pulls,
      manifestReads,
      blobReads,
      commands,
      queries,
    },
    settings: settingsOf(config),
    blobs: stores.blobs,
    credentials: openCredentials({ config, core, operational: stores.operational, passwords, encrypted, passes }),
    authorization: new Authorization({
      ...{ tokens, directory, identities },
      realm: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}/v2/auth`,
      service: config.SERVER_HOSTNAME,
    }),
  };
}

const policyOf = (config: Config): AccessPolicy => ({
  anonymousAccess: config.isOn('ANONYMOUS_ACCESS'),
  superusersFullAccess: config.isOn('SUPERUSERS_FULL_ACCESS'),
});

const namesOf = (config: Config) => ({
  superusers: new Set(config.isOn('SUPER_USERS') ? config.SUPER_USERS : []),
  readOnly: new Set(config.GLOBAL_READONLY_SUPER_USERS),
});

const settingsOf = (config: Config): V2Settings => ({
  names: {
    libraryNamespace: config.isOn('LIBRARY_SUPPORT') ? config.LIBRARY_NAMESPACE : null,
    extendedNames: config.isOn('EXTENDED_REPOSITORY_NAMES'),
    // `<host>/<name>` must stay within 255 characters (DS-173).
    maxLength: 255 - config.SERVER_HOSTNAME.length - 1,
  },
  publicByDefault: !config.CREATE_PRIVATE_REPO_ON_PUSH,
  referrersApi: config.isOn('REFERRERS_API'),
  sparse: config.isOn('SPARSE_INDEX'),
  publicCatalog: config.isOn('PUBLIC_CATALOG'),
  readOnly: config.REGISTRY_STATE === 'readonly',
  pushesDisabled: config.DISABLE_PUSHES,
  manifestBytes: config.MANIFEST_SIZE_LIMIT.bytes,
  servedHereBytes: config.STORAGE_REDIRECT_LARGER_THAN.bytes,
  pageSize: Math.max(config.V2_PAGINATION_SIZE, 100),
  takesOci: (namespace) => config.isOn('GENERAL_OCI_SUPPORT') || config.OCI_NAMESPACE_WHITELIST.includes(namespace),
  onlySchema1: (namespace) => config.V22_NAMESPACE_BLACKLIST.includes(namespace),
  advertised: config.isOn('ADVERTISE_V2'),
  excludedDocker: config.BLACKLIST_V2_SPEC,
  recovering: config.ACCOUNT_RECOVERY_MODE,
});

function countInto(metrics: Metrics, name: string): (hit: boolean) => void {
  const recorder = metrics.cache(name);
  return (hit) => {
    if (hit) recorder.hit();
    else recorder.miss();
  };
}

/** The key that signs tokens is made at the first start and kept among the keys. */
async function openTokens(config: Config, keys: KeyStore): Promise<Tokens> {
  const privateKey = await keys.ensureSecret('token-signing-key', async () => {
    const pair = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
    return pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  });
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return Tokens.open({
    privateKey,
    keyId: createHash('sha256').update(publicKey).digest('hex'),
    audience: config.SERVER_HOSTNAME,
    lifetimeSeconds: tokenSeconds(config),
    maximumFreshSeconds: config.REGISTRY_JWT_AUTH_MAX_FRESH_S,
  });
}
