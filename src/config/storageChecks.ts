import { check, type Check } from './check.js';
import type { Settings } from './schema.js';
import type { StorageDriver, StorageLocation } from './types/storage.js';

/** Drivers that this registry keeps blobs with. */
const SERVED: readonly StorageDriver[] = [
  'LocalStorage',
  'S3Storage',
  'RadosGWStorage',
  'RHOCSStorage',
  'GoogleCloudStorage',
];

/** The place that blobs are written to and read from: the first one of the preference. */
export function preferredStorage(
  settings: Pick<Settings, 'DISTRIBUTED_STORAGE_CONFIG' | 'DISTRIBUTED_STORAGE_PREFERENCE'>,
): StorageLocation | undefined {
  const [first] = settings.DISTRIBUTED_STORAGE_PREFERENCE;
  return settings.DISTRIBUTED_STORAGE_CONFIG.find(({ id }) => id === first);
}

/** The value, if there is one, must be the id of a storage. */
const isStorage = (key: 'USERFILES_LOCATION' | 'LOG_ARCHIVE_LOCATION' | 'ACTION_LOG_ARCHIVE_LOCATION'): Check =>
  check([key, 'DISTRIBUTED_STORAGE_CONFIG'], (settings) => unknownStorage(settings, [settings[key] ?? '']));

function unknownStorage(settings: Settings, ids: readonly string[]): string | undefined {
  const known = settings.DISTRIBUTED_STORAGE_CONFIG.map(({ id }) => id);
  const unknown = ids.find((id) => id !== '' && !known.includes(id));
  return unknown === undefined
    ? undefined
    : `"${unknown}" is not in DISTRIBUTED_STORAGE_CONFIG; it takes ${known.join(', ')}`;
}

/** What the types of the parameters cannot say; no value is shown, because most of them are secrets. */
function problemWith(location: StorageLocation): string | undefined {
  switch (location.driver) {
    case 'LocalStorage':
      return undefined;
    case 'S3Storage':
      return s3Problem(location.parameters);
    case 'RadosGWStorage':
    case 'RHOCSStorage':
      return radosProblem(location.parameters);
    case 'GoogleCloudStorage':
      return googleProblem(location.parameters);
    case 'STSS3Storage':
    case 'CloudFrontedS3Storage':
    case 'CloudFlareStorage':
    case 'AkamaiS3Storage':
    case 'MultiCDNStorage':
    case 'IBMCloudStorage':
    case 'AzureStorage':
    case 'SwiftStorage':
      return `${location.driver} cannot keep blobs in this version; ${SERVED.join(', ')} can`;
  }
}

type Parameters<Driver extends StorageDriver> = Extract<StorageLocation, { readonly driver: Driver }>['parameters'];

const HOST = /^[A-Za-z0-9.-]+$/;
const isSigV4 = (version: string | undefined): boolean =>
  version === undefined || version === 's3v4' || version === 'v4';
const WRONG_SIGNATURE = 'signature_version takes s3v4';
const WRONG_HOST = 'takes the name of a host, without a scheme, a port or a path';

function s3Problem(parameters: Parameters<'S3Storage'>): string | undefined {
  const { s3_access_key: key, s3_secret_key: secret, aws_session_token: token, host, port } = parameters;
  if ((key === undefined) !== (secret === undefined)) return 's3_access_key and s3_secret_key go together';
  if (token !== undefined && key === undefined) return 'aws_session_token needs s3_access_key and s3_secret_key';
  if (host !== undefined && !HOST.test(host)) return `host ${WRONG_HOST}`;
  if (port !== undefined && host === undefined) return 'port needs host; endpoint_url has its own';
  return isSigV4(parameters.signature_version) ? undefined : WRONG_SIGNATURE;
}

function radosProblem(parameters: Parameters<'RadosGWStorage'>): string | undefined {
  if (!HOST.test(parameters.hostname)) return `hostname ${WRONG_HOST}`;
  const { minimum_chunk_size_mb: minimum = 0, maximum_chunk_size_mb: maximum } = parameters;
  if (minimum > maximum) return 'minimum_chunk_size_mb is more than maximum_chunk_size_mb';
  return isSigV4(parameters.signature_version) ? undefined : WRONG_SIGNATURE;
}

/** HMAC keys, which Quay takes, are for an interface of Cloud Storage that cannot join objects. */
function googleProblem(parameters: Parameters<'GoogleCloudStorage'>): string | undefined {
  const { access_key: email, secret_key: key, service_account_file: file } = parameters;
  if ((email === undefined) !== (key === undefined)) return 'access_key and secret_key go together';
  if (file !== undefined && key !== undefined) return 'give either service_account_file or access_key and secret_key';
  if (email === undefined || key === undefined) return undefined;
  return email.includes('@') && key.includes('PRIVATE KEY')
    ? undefined
    : "HMAC keys do not serve here: access_key takes a service account's e-mail address and secret_key its private " +
        'key (PEM), or give service_account_file';
}

export const storageChecks: readonly Check[] = [
  check(['DISTRIBUTED_STORAGE_PREFERENCE', 'DISTRIBUTED_STORAGE_CONFIG'], (settings) =>
    settings.DISTRIBUTED_STORAGE_PREFERENCE.length === 0
      ? 'it takes at least one id of DISTRIBUTED_STORAGE_CONFIG'
      : unknownStorage(settings, settings.DISTRIBUTED_STORAGE_PREFERENCE),
  ),
  check(['DISTRIBUTED_STORAGE_CONFIG', 'DISTRIBUTED_STORAGE_PREFERENCE'], (settings) => {
    const location = preferredStorage(settings);
    const problem = location && problemWith(location);
    return problem && `${location.id}: ${problem}`;
  }),
  check(['DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS', 'DISTRIBUTED_STORAGE_CONFIG'], (settings) =>
    unknownStorage(settings, settings.DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS),
  ),
  check(['FEATURE_STORAGE_REPLICATION', 'DISTRIBUTED_STORAGE_CONFIG'], (settings) =>
    settings.FEATURE_STORAGE_REPLICATION &&
    settings.DISTRIBUTED_STORAGE_CONFIG.some(({ driver }) => driver === 'LocalStorage')
      ? 'true does not go with LocalStorage'
      : undefined,
  ),
  isStorage('USERFILES_LOCATION'),
  isStorage('LOG_ARCHIVE_LOCATION'),
  isStorage('ACTION_LOG_ARCHIVE_LOCATION'),
];
