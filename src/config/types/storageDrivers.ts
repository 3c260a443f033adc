import { mapping, object, preset } from './collections.js';
import { anything, choice, count, flag, number, port, positive, secret, text } from './scalars.js';
import type { ValueType } from './valueType.js';
import { filledText, webUrl } from './texts.js';

const path = { storage_path: filledText };

const s3Members = {
  s3_access_key: secret(text),
  s3_secret_key: secret(text),
  host: text,
  port,
  endpoint_url: webUrl,
  maximum_chunk_size_gb: number({ min: 0.005, max: 5 }),
  minimum_chunk_size_mb: number({ min: 5 }),
  aws_session_token: secret(text),
};
const s3Preset = { signature_version: preset(text, 's3v4') };
const s3Required = { ...path, s3_bucket: filledText };

/** S3 behind a content network: the region must be known, because requests are signed for it. */
const s3Behind = <Network extends Readonly<Record<string, ValueType<string>>>>(network: Network) =>
  ({ required: { ...s3Required, s3_region: filledText, ...network }, preset: s3Preset }) as const;

const hostedBucket = {
  hostname: filledText,
  is_secure: flag,
  ...path,
  access_key: secret(text),
  secret_key: secret(text),
  bucket_name: filledText,
};
const radosGw = object({
  required: hostedBucket,
  optional: { port, region_name: text, signature_version: text, minimum_chunk_size_mb: number({ min: 5 }) },
  preset: { maximum_chunk_size_mb: preset(number({ min: 5 }), 100), server_side_assembly: preset(flag, true) },
});

/** The parameters of each storage driver, under the driver's name. */
export const storageDrivers = {
  LocalStorage: object({ required: path }),
  S3Storage: object({
    required: s3Required,
    optional: { s3_region: text, ...s3Members },
    preset: s3Preset,
  }),
  STSS3Storage: object({
    required: s3Required,
    optional: {
      sts_role_arn: text,
      sts_user_access_key: secret(text),
      sts_user_secret_key: secret(text),
      s3_region: text,
      endpoint_url: webUrl,
      maximum_chunk_size_gb: number({ min: 0.005, max: 5 }),
      signature_version: text,
    },
  }),
  CloudFrontedS3Storage: object({
    ...s3Behind({
      cloudfront_distribution_domain: filledText,
      cloudfront_key_id: filledText,
      cloudfront_privatekey_filename: filledText,
    }),
    optional: { ...s3Members, cloudfront_distribution_org_overrides: mapping(text) },
  }),
  CloudFlareStorage: object({
    ...s3Behind({ cloudflare_domain: filledText, cloudflare_privatekey_filename: filledText }),
    optional: s3Members,
  }),
  AkamaiS3Storage: object({
    ...s3Behind({ akamai_domain: filledText, akamai_shared_secret: secret(text) }),
    optional: s3Members,
  }),
  MultiCDNStorage: object({
    required: {
      storage_config: secret(anything),
      providers: secret(anything),
      default_provider: filledText,
      rules: anything,
    },
  }),
  RadosGWStorage: radosGw,
  RHOCSStorage: radosGw,
  IBMCloudStorage: object({
    required: hostedBucket,
    optional: { port, signature_version: text },
    preset: { maximum_chunk_size_mb: preset(number({ min: 5 }), 100) },
  }),
  GoogleCloudStorage: object({
    required: { ...path, bucket_name: filledText },
    // Beyond Quay's: the file of a service account's key, and an endpoint other than Google's.
    optional: {
      access_key: secret(text),
      secret_key: secret(text),
      service_account_file: filledText,
      endpoint_url: webUrl,
      minimum_chunk_size_mb: number({ min: 5 }),
      signature_version: text,
    },
    preset: { boto_timeout: preset(positive, 60) },
  }),
  AzureStorage: object({
    required: { azure_container: filledText, ...path, azure_account_name: filledText },
    optional: { azure_account_key: secret(text), sas_token: secret(text), endpoint_url: webUrl },
  }),
  SwiftStorage: object({
    required: {
      swift_container: filledText,
      ...path,
      auth_url: webUrl,
      swift_user: filledText,
      swift_password: secret(text),
    },
    optional: {
      auth_version: choice('1', '2', '3'),
      os_options: anything,
      ca_cert_path: text,
      temp_url_key: secret(text),
      simple_path_concat: flag,
    },
    preset: {
      connect_timeout: preset(positive, 5),
      retry_count: preset(count, 5),
      retry_on_ratelimit: preset(flag, true),
    },
  }),
};
