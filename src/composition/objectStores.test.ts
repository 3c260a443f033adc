import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigInvalid } from '../config/errors.js';
import { loadConfig } from '../config/load.js';
import type { StorageLocation } from '../config/types/storage.js';
import { gcsSettings, radosSettings, s3Settings } from './objectStores.js';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'stores-'));
});
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const load = (driver: string, parameters: unknown) => {
  const config = { DISTRIBUTED_STORAGE_CONFIG: { far: [driver, parameters] } };
  return loadConfig({ QUAY_OVERRIDE_CONFIG: JSON.stringify(config) }, cwd);
};

function settings(driver: string, parameters: unknown): unknown {
  const [location]: readonly (StorageLocation | undefined)[] = load(driver, parameters).config
    .DISTRIBUTED_STORAGE_CONFIG;
  if (location?.driver === 'S3Storage') return s3Settings(location.parameters);
  if (location?.driver === 'RadosGWStorage') return radosSettings(location.parameters);
  if (location?.driver === 'GoogleCloudStorage') return gcsSettings(location.parameters);
  throw new Error(`${driver} is none of these`);
}

const problems = (driver: string, parameters: unknown): readonly string[] => {
  try {
    load(driver, parameters);
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
};

const MIB = 1024 * 1024;
const s3 = { storage_path: '/registry', s3_bucket: 'layers' };
const keys = { s3_access_key: 'key', s3_secret_key: 'secret' };
const rados = {
  storage_path: '/r',
  hostname: 'gw',
  is_secure: false,
  access_key: 'a',
  secret_key: 's',
  bucket_name: 'b',
};
const google = { storage_path: '/r', bucket_name: 'b' };
const pem = '-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n';

describe('a location of the configuration', () => {
  it.each([
    [s3, { region: 'us-east-1', endpoint: undefined, credentials: undefined, pathStyle: false, encrypted: true }],
    [
      { ...s3, ...keys, s3_region: 'eu-west-1' },
      { region: 'eu-west-1', endpoint: undefined, pathStyle: false },
    ],
    [
      { ...s3, s3_region: 'eu-west-1', host: 'other', port: 1 },
      { region: 'eu-west-1', endpoint: undefined },
    ],
    [
      { ...s3, host: 's3.eu-north-1.amazonaws.com' },
      { region: 'eu-north-1', endpoint: 'https://s3.eu-north-1.amazonaws.com' },
    ],
    [
      { ...s3, host: 'minio', port: 9000 },
      { region: 'us-east-1', endpoint: 'https://minio:9000', pathStyle: true },
    ],
    [
      { ...s3, endpoint_url: 'http://minio:9000', host: 'x' },
      { endpoint: 'http://minio:9000', pathStyle: true },
    ],
    [{ ...s3, s3_bucket: 'my.layers', s3_region: 'eu-1' }, { pathStyle: true }],
    [
      { ...s3, ...keys, aws_session_token: 'token', minimum_chunk_size_mb: 16 },
      { credentials: { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'token' }, pieceBytes: 16 * MIB },
    ],
    [
      { ...s3, minimum_chunk_size_mb: 5 },
      { bucket: 'layers', pieceBytes: 5 * MIB, joinsItself: true },
    ],
  ])('S3Storage %j', (given, expected) => {
    expect(settings('S3Storage', given)).toMatchObject(expected);
  });

  it.each([
    [rados, { endpoint: 'http://gw', region: 'us-east-1', pathStyle: true, encrypted: false, joinsItself: true }],
    [
      { ...rados, is_secure: true, port: 8443 },
      { endpoint: 'https://gw:8443', pieceBytes: 5 * MIB },
    ],
    [
      { ...rados, maximum_chunk_size_mb: 6, minimum_chunk_size_mb: 6, server_side_assembly: false },
      { pieceBytes: 6 * MIB, joinsItself: false },
    ],
    [
      { ...rados, region_name: 'here' },
      { region: 'here', credentials: { accessKeyId: 'a', secretAccessKey: 's' } },
    ],
  ])('RadosGWStorage %j', (given, expected) => {
    expect(settings('RadosGWStorage', given)).toMatchObject(expected);
  });

  it.each([
    [google, { account: undefined, endpoint: undefined, timeoutSeconds: 60 }],
    [
      { ...google, endpoint_url: 'http://here:4443' },
      { account: 'nobody', endpoint: 'http://here:4443' },
    ],
    [
      { ...google, access_key: 'ci@project.iam.gserviceaccount.com', secret_key: pem },
      { account: { email: 'ci@project.iam.gserviceaccount.com', privateKey: pem.replaceAll('\\n', '\n') } },
    ],
  ])('GoogleCloudStorage %j', (given, expected) => {
    expect(settings('GoogleCloudStorage', given)).toMatchObject(expected);
  });

  it('finds the file of a service account from where the server is started', () => {
    expect(settings('GoogleCloudStorage', { ...google, service_account_file: 'key.json' })).toMatchObject({
      account: { keyFile: join(cwd, 'key.json') },
    });
  });

  it.each<[string, unknown, string]>([
    ['S3Storage', { ...s3, s3_access_key: 'key' }, 's3_access_key and s3_secret_key go together'],
    ['S3Storage', { ...s3, aws_session_token: 'token' }, 'aws_session_token needs s3_access_key and s3_secret_key'],
    ['S3Storage', { ...s3, host: 'https://minio' }, 'host takes the name of a host, without a scheme'],
    ['S3Storage', { ...s3, port: 9000 }, 'port needs host'],
    ['S3Storage', { ...s3, signature_version: 's3' }, 'signature_version takes s3v4'],
    ['RadosGWStorage', { ...rados, hostname: 'gw:80' }, 'hostname takes the name of a host'],
    [
      'RadosGWStorage',
      { ...rados, minimum_chunk_size_mb: 200 },
      'minimum_chunk_size_mb is more than maximum_chunk_size_mb',
    ],
    ['GoogleCloudStorage', { ...google, access_key: 'GOOG1E', secret_key: 'x' }, 'HMAC keys do not serve here'],
    ['GoogleCloudStorage', { ...google, access_key: 'a@b' }, 'access_key and secret_key go together'],
    [
      'GoogleCloudStorage',
      { ...google, access_key: 'a@b', secret_key: pem, service_account_file: 'k' },
      'give either service_account_file or',
    ],
    [
      'AzureStorage',
      { azure_container: 'c', storage_path: '/', azure_account_name: 'n' },
      'AzureStorage cannot keep blobs',
    ],
  ])('refuses %s %j in one line', (driver, given, problem) => {
    expect(problems(driver, given)).toEqual([expect.stringContaining(`DISTRIBUTED_STORAGE_CONFIG: far: ${problem}`)]);
  });

  it('warns of an endpoint that a region replaces', () => {
    const { warnings } = load('S3Storage', { ...s3, s3_region: 'eu-1', endpoint_url: 'http://minio' });
    expect(warnings).toContainEqual(expect.stringContaining('endpoint_url is not used, because s3_region is given'));
  });
});
