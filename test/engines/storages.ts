import type { GcsSettings } from '../../src/adapters/blobs/objects/gcs.js';
import type { S3Settings } from '../../src/adapters/blobs/objects/s3.js';

/* How a registry is told to keep its blobs in an engine: values of DISTRIBUTED_STORAGE_CONFIG. */

export function s3Storage({ bucket, endpoint, credentials }: S3Settings, path: string): string {
  const parameters = {
    storage_path: path,
    s3_bucket: bucket,
    s3_access_key: credentials?.accessKeyId,
    s3_secret_key: credentials?.secretAccessKey,
    endpoint_url: endpoint,
  };
  return JSON.stringify({ far: ['S3Storage', parameters] });
}

export function radosStorage({ bucket, endpoint, credentials, region }: S3Settings, path: string): string {
  const { hostname, port, protocol } = new URL(endpoint ?? 'https://s3.amazonaws.com');
  const parameters = {
    storage_path: path,
    hostname,
    ...(port === '' ? {} : { port: Number(port) }),
    is_secure: protocol === 'https:',
    access_key: credentials?.accessKeyId,
    secret_key: credentials?.secretAccessKey,
    bucket_name: bucket,
    region_name: region,
  };
  return JSON.stringify({ far: ['RadosGWStorage', parameters] });
}

export function googleStorage({ bucket, endpoint }: GcsSettings, path: string): string {
  const parameters = {
    storage_path: path,
    bucket_name: bucket,
    ...(endpoint === undefined ? {} : { endpoint_url: endpoint }),
  };
  return JSON.stringify({ far: ['GoogleCloudStorage', parameters] });
}
