import type { GcsSettings } from '../adapters/blobs/objects/gcs.js';
import { PIECE_BYTES, type ObjectStore } from '../adapters/blobs/objects/objectStore.js';
import type { S3Settings } from '../adapters/blobs/objects/s3.js';
import type { StorageDriver, StorageLocation } from '../config/types/storage.js';

type Parameters<Driver extends StorageDriver> = Extract<StorageLocation, { readonly driver: Driver }>['parameters'];

const MEBIBYTE = 1024 * 1024;
/** On a connection to S3 until it is given up. */
const SILENCE_SECONDS = 30;
/** What S3 signs for where nobody names a region; servers other than Amazon's do not care. */
const REGION = 'us-east-1';
/** `s3.eu-west-1.amazonaws.com`: requests there must be signed for the region that the name tells. */
const AMAZON_HOST = /^s3[.-]([a-z]{2}(?:-[a-z]+)+-\d)\.amazonaws\.com(?:\.cn)?$/;

/**
 * The object store of a location, and the path in it (contract: config §7).
 *
 * @param authorities whom connections trust; undefined: those that Node.js trusts
 */
export async function objectStoreOf(
  location: StorageLocation,
  authorities: readonly string[] | undefined,
): Promise<{ readonly objects: ObjectStore; readonly path: string }> {
  switch (location.driver) {
    case 'S3Storage': {
      const { S3Objects } = await import('../adapters/blobs/objects/s3.js');
      return {
        objects: new S3Objects(s3Settings(location.parameters, authorities)),
        path: location.parameters.storage_path,
      };
    }
    case 'RadosGWStorage':
    case 'RHOCSStorage': {
      const { S3Objects } = await import('../adapters/blobs/objects/s3.js');
      return {
        objects: new S3Objects(radosSettings(location.parameters, authorities)),
        path: location.parameters.storage_path,
      };
    }
    case 'GoogleCloudStorage': {
      const { GcsObjects } = await import('../adapters/blobs/objects/gcs.js');
      return {
        objects: new GcsObjects(gcsSettings(location.parameters, authorities)),
        path: location.parameters.storage_path,
      };
    }
    default:
      // The configuration is not taken with any other.
      throw new Error(`${location.driver} is no object store`);
  }
}

export function s3Settings(parameters: Parameters<'S3Storage'>, authorities?: readonly string[]): S3Settings {
  const { s3_region: region, s3_access_key: accessKeyId, s3_secret_key: secretAccessKey } = parameters;
  const sessionToken = parameters.aws_session_token;
  const endpoint = region === undefined ? s3Endpoint(parameters) : undefined;
  const bucket = parameters.s3_bucket;
  return {
    bucket,
    region: region ?? AMAZON_HOST.exec(endpoint === undefined ? '' : new URL(endpoint).hostname)?.[1] ?? REGION,
    endpoint,
    credentials:
      accessKeyId === undefined || secretAccessKey === undefined
        ? undefined
        : { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    // A bucket with a dot cannot stand in a host's name: no certificate covers it.
    pathStyle: endpoint !== undefined || bucket.includes('.'),
    encrypted: true,
    pieceBytes: pieceBytes(parameters.minimum_chunk_size_mb),
    joinsItself: true,
    timeoutSeconds: SILENCE_SECONDS,
    authorities,
  };
}

function s3Endpoint({ endpoint_url: url, host, port }: Parameters<'S3Storage'>): string | undefined {
  if (url !== undefined) return url;
  return host === undefined ? undefined : address(true, host, port);
}

export function radosSettings(parameters: Parameters<'RadosGWStorage'>, authorities?: readonly string[]): S3Settings {
  const {
    hostname,
    is_secure: isSecure,
    port,
    minimum_chunk_size_mb: minimum,
    maximum_chunk_size_mb: maximum,
  } = parameters;
  return {
    bucket: parameters.bucket_name,
    region: parameters.region_name ?? REGION,
    endpoint: address(isSecure, hostname, port),
    credentials: { accessKeyId: parameters.access_key, secretAccessKey: parameters.secret_key },
    pathStyle: true,
    encrypted: false,
    pieceBytes: Math.min(pieceBytes(minimum), maximum * MEBIBYTE),
    joinsItself: parameters.server_side_assembly,
    timeoutSeconds: SILENCE_SECONDS,
    authorities,
  };
}

export function gcsSettings(
  parameters: Parameters<'GoogleCloudStorage'>,
  authorities?: readonly string[],
): GcsSettings {
  const { access_key: email, secret_key: key, service_account_file: keyFile, endpoint_url: endpoint } = parameters;
  return {
    bucket: parameters.bucket_name,
    endpoint,
    account: accountOf({ email, key, keyFile, endpoint }),
    pieceBytes: pieceBytes(parameters.minimum_chunk_size_mb),
    timeoutSeconds: parameters.boto_timeout,
    authorities,
  };
}

function accountOf(given: {
  readonly email: string | undefined;
  readonly key: string | undefined;
  readonly keyFile: string | undefined;
  readonly endpoint: string | undefined;
}): GcsSettings['account'] {
  const { email, key, keyFile, endpoint } = given;
  if (keyFile !== undefined) return { keyFile };
  // An environment variable cannot hold lines: there they are often written as in JSON.
  if (email !== undefined && key !== undefined) return { email, privateKey: key.replaceAll('\\n', '\n') };
  return endpoint === undefined ? undefined : 'nobody';
}

const address = (isSecure: boolean, host: string, port: number | undefined): string =>
  `${isSecure ? 'https' : 'http'}://${host}${port === undefined ? '' : `:${port}`}`;

const pieceBytes = (minimum = 0): number => Math.max(Math.ceil(minimum * MEBIBYTE), PIECE_BYTES);
