import { describe, expect, it } from '@jest/globals';
import { dumpOf, type ConfigDump } from './dump.js';
import { loadConfig } from './load.js';

/** There is no configuration file there. */
const NOWHERE = '/nowhere';
const dump = (env: Record<string, string>): ConfigDump => dumpOf(loadConfig(env, NOWHERE).config);
const override = (values: object): Record<string, string> => ({ QUAY_OVERRIDE_CONFIG: JSON.stringify(values) });

describe('a dump of the configuration', () => {
  it('shows effective values as they could be written', () => {
    const { config } = dump(override({ SERVER_HOSTNAME: 'quay.example.com', FEATURE_MAILING: 'false' }));
    expect(config).toMatchObject({
      ...{ SERVER_HOSTNAME: 'quay.example.com', FEATURE_MAILING: false, MAIL_PORT: 587 },
      ...{ SESSION_TIMEOUT: '31d', MAXIMUM_LAYER_SIZE: '20G', SUPER_USERS: [] },
    });
    expect(Object.keys(config)).not.toContain('MAIL_SERVER');
    expect(JSON.parse(JSON.stringify(config))).toEqual(config);
  });

  it('shows secrets by their length, wherever they are', () => {
    const { config, warning } = dump(
      override({
        ...{ SECRET_KEY: 'abcdefghijklmnop', MAIL_PASSWORD: 'four', MY_OWN_KEY: 'mine', MY_OWN: { api_token: 'mine' } },
        DISTRIBUTED_STORAGE_CONFIG: {
          one: [
            'S3Storage',
            { storage_path: '/data', s3_bucket: 'bucket', s3_access_key: 'bucket-key', s3_secret_key: 'bucket-secret' },
          ],
        },
        CORP_LOGIN_CONFIG: {
          ...{ OIDC_SERVER: 'https://sso.example.com/', CLIENT_ID: 'quay', CLIENT_SECRET: 'very secret' },
          SERVICE_NAME: 'Corp',
        },
      }),
    );
    expect(config).toMatchObject({ SECRET_KEY: '********** (16)', MAIL_PASSWORD: '**** (4)' });
    expect(warning).toEqual({ MY_OWN_KEY: '**** (4)', MY_OWN: { api_token: '**** (4)' } });
    expect(config['DISTRIBUTED_STORAGE_CONFIG']).toMatchObject({
      one: ['S3Storage', { storage_path: '/data', s3_bucket: 'bucket', s3_secret_key: '********** (13)' }],
    });
    expect(JSON.stringify(config)).not.toMatch(/bucket-secret|bucket-key|very secret|abcdefgh/);
    expect(config['CORP_LOGIN_CONFIG']).toMatchObject({ CLIENT_ID: 'quay', CLIENT_SECRET: '********** (11)' });
  });

  it('shows the environment, but for secrets of the registry', () => {
    const secret = '0123456789012345678901234567890123456789012345678901234567890123';
    const { env } = dump({
      ...{ PATH: '/bin', TIDEMARK_HTTP_PORT: '8080', TIDEMARK_MASTER_KEY: secret, OTHER_PASSWORD: 'other' },
      ...override({ SECRET_KEY: 'abcdefghijklmnop' }),
    });
    expect(env).toMatchObject({ PATH: '/bin', TIDEMARK_HTTP_PORT: '8080', OTHER_PASSWORD: 'other' });
    expect(env['TIDEMARK_MASTER_KEY']).toBe('********** (64)');
    expect(env['QUAY_OVERRIDE_CONFIG']).toMatch(/^\*{10} \(\d+\)$/);
  });

  it('tells what every key is', () => {
    const { schema } = dump({});
    expect(schema).toMatchObject({
      properties: {
        FEATURE_MAILING: { type: 'boolean' },
        MAIL_PORT: { type: 'integer' },
        SERVER_HOSTNAME: { description: 'public host and port: audience of tokens, base of links' },
      },
    });
  });
});
