import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigInvalid } from './errors.js';
import { loadConfig } from './load.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'config-'));
});
afterEach(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const write = (name: string, text: string): void => {
  mkdirSync(join(cwd, name, '..'), { recursive: true });
  writeFileSync(join(cwd, name), text);
};

const load = (yaml = '', env: Record<string, string> = {}): ReturnType<typeof loadConfig> => {
  if (yaml !== '') write('config.yaml', yaml);
  return loadConfig(env, cwd);
};

const refusal = (yaml = '', env: Record<string, string> = {}): ConfigInvalid => {
  try {
    load(yaml, env);
  } catch (error) {
    if (error instanceof ConfigInvalid) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
};

describe('without any file', () => {
  it('starts on the embedded engines, below the current folder', () => {
    const { config, warnings } = load();
    expect(warnings).toEqual([]);
    expect(config).toMatchObject({
      SERVER_HOSTNAME: 'localhost:8080',
      HTTP_HOST: '0.0.0.0',
      DATA_PATH: join(cwd, 'data'),
      EVENT_STORE: 'embedded',
      DISTRIBUTED_STORAGE_CONFIG: [
        { id: 'default', driver: 'LocalStorage', parameters: { storage_path: join(cwd, 'data', 'blobs') } },
      ],
      DISTRIBUTED_STORAGE_PREFERENCE: ['default'],
      DEFAULT_TAG_EXPIRATION: { text: '2w', seconds: 1_209_600 },
      MAXIMUM_LAYER_SIZE: { text: '20G', bytes: 20 * 1024 ** 3 },
      folder: join(cwd, 'config'),
    });
  });

  it('follows the port and the address families in its other defaults', () => {
    const { config } = load('', { TIDEMARK_HTTP_PORT: '9000', TIDEMARK_FEATURE_LISTEN_IP_VERSION: 'dual-stack' });
    expect(config.SERVER_HOSTNAME).toBe('localhost:9000');
    expect(config.HTTP_HOST).toBe('::');
  });
});

describe('where values come from', () => {
  it('lays the override over the file and a variable over both', () => {
    const yaml = 'REGISTRY_TITLE: file\nREGISTRY_TITLE_SHORT: file\nCREATE_NAMESPACE_ON_PUSH: true\n';
    const { config } = load(yaml, {
      QUAY_OVERRIDE_CONFIG: '{"REGISTRY_TITLE_SHORT": "override", "CREATE_NAMESPACE_ON_PUSH": false}',
      TIDEMARK_CREATE_NAMESPACE_ON_PUSH: 'TRUE',
    });
    expect(config.REGISTRY_TITLE).toBe('file');
    expect(config.REGISTRY_TITLE_SHORT).toBe('override');
    expect(config.CREATE_NAMESPACE_ON_PUSH).toBe(true);
    expect(Object.fromEntries(config.given)).toEqual({
      REGISTRY_TITLE: 'config.yaml',
      REGISTRY_TITLE_SHORT: 'QUAY_OVERRIDE_CONFIG',
      CREATE_NAMESPACE_ON_PUSH: 'TIDEMARK_CREATE_NAMESPACE_ON_PUSH',
    });
  });

  it('takes null as absent, also where it covers a value', () => {
    const { config } = load('REGISTRY_TITLE: mine\nSEARCH_RESULTS_PER_PAGE:\n', {
      QUAY_OVERRIDE_CONFIG: '{"REGISTRY_TITLE": null}',
    });
    expect(config.REGISTRY_TITLE).toBe('Project Quay');
    expect(config.SEARCH_RESULTS_PER_PAGE).toBe(10);
  });

  it('takes null as a value where it means "never"', () => {
    expect(load('EXPIRED_APP_SPECIFIC_TOKEN_GC: null\n').config.EXPIRED_APP_SPECIFIC_TOKEN_GC).toBeNull();
    expect(load('', { TIDEMARK_EXPIRED_APP_SPECIFIC_TOKEN_GC: '2d' }).config.EXPIRED_APP_SPECIFIC_TOKEN_GC).toEqual({
      text: '2d',
      seconds: 172_800,
    });
  });

  it.each([
    ['config/config.yaml', {}],
    ['elsewhere/other.yaml', { TIDEMARK_CONFIG: 'elsewhere/other.yaml' }],
    ['elsewhere/config.yaml', { TIDEMARK_CONFIG: 'elsewhere' }],
  ])('finds %s', (name, env) => {
    write(name, 'REGISTRY_TITLE: found\n');
    const { config } = loadConfig(env, cwd);
    expect(config.REGISTRY_TITLE).toBe('found');
    expect(config.folder).toBe(join(cwd, name, '..'));
  });

  it('refuses a place that does not exist', () => {
    const { problems } = refusal('', { TIDEMARK_CONFIG: 'nowhere' });
    expect(problems).toEqual([expect.stringContaining('TIDEMARK_CONFIG')]);
  });

  it('takes an empty variable as one that was not given', () => {
    expect(load('', { TIDEMARK_HTTP_PORT: '', TIDEMARK_CONFIG: '' }).config.HTTP_PORT).toBe(8080);
  });

  it('reads lists from the environment as words or as JSON', () => {
    const { config } = load('', { TIDEMARK_SUPER_USERS: 'ann, ben', TIDEMARK_ROBOTS_WHITELIST: '["a+b"]' });
    expect(config.SUPER_USERS).toEqual(['ann', 'ben']);
    expect(config.ROBOTS_WHITELIST).toEqual(['a+b']);
  });

  it('takes the preference of storages from the environment', () => {
    const local = (path: string): string => `[LocalStorage, {storage_path: ${path}}]`;
    const yaml = `DISTRIBUTED_STORAGE_CONFIG: {one: ${local('/one')}, two: ${local('two')}}\n`;
    const { config } = load(yaml, { QUAY_DISTRIBUTED_STORAGE_PREFERENCE: 'two one' });
    expect(config.DISTRIBUTED_STORAGE_PREFERENCE).toEqual(['two', 'one']);
    expect(config.DISTRIBUTED_STORAGE_CONFIG[1]).toMatchObject({ parameters: { storage_path: join(cwd, 'two') } });
  });

  it('understands a configuration of Quay and says what has no effect', () => {
    const { config, warnings } = load(
      [
        'DB_URI: postgresql://user:secret@db/quay',
        'BUILDLOGS_REDIS: {host: redis, port: 6379, ssl_cert_reqs: none}',
        'USER_EVENTS_REDIS: {host: redis, password: secret}',
        'SETUP_COMPLETE: true',
        'WORKER_COUNT_WEB: 4',
        'SERVER_HOSTNAME: quay.example.com',
      ].join('\n'),
    );
    expect(config.SERVER_HOSTNAME).toBe('quay.example.com');
    expect(warnings).toEqual(['known keys without effect in this version: DB_URI, BUILDLOGS_REDIS, USER_EVENTS_REDIS']);
  });
});

describe('switches', () => {
  it('are on for "True" in quotes and for yes without, as in Quay', () => {
    const { config } = load('FEATURE_USER_RENAME: "True"\nFEATURE_SPARSE_INDEX: yes\nFEATURE_USER_CREATION: "no"\n');
    expect(config.isOn('USER_RENAME')).toBe(true);
    expect(config.isOn('SPARSE_INDEX')).toBe(true);
    expect(config.isOn('USER_CREATION')).toBe(false);
    expect(config.features.get('USER_RENAME')).toBe(true);
  });

  it('are delivered also when nobody knows them', () => {
    const { config, warnings } = load('FEATURE_SOMETHING_NEW: true\n');
    expect(config.features.get('SOMETHING_NEW')).toBe(true);
    expect(warnings).toEqual(['FEATURE_SOMETHING_NEW: unknown key (from config.yaml)']);
  });
});

describe('what is noticed', () => {
  it('warns about unknown keys in the file and in the environment, and ignores lower case', () => {
    const { config, warnings } = load('SERVER_HOSTNAM: x\nlower: 1\n', { TIDEMARK_HTTP_PROT: '1' });
    expect(warnings).toEqual([
      'SERVER_HOSTNAM: unknown key (from config.yaml); did you mean SERVER_HOSTNAME?',
      'HTTP_PROT: unknown key (from TIDEMARK_HTTP_PROT); did you mean HTTP_PORT?',
    ]);
    expect([...config.unknown.keys()]).toEqual(['SERVER_HOSTNAM', 'HTTP_PROT']);
  });

  it('collects every problem in one line each, with the value and what is allowed', () => {
    const error = refusal('HTTP_PORT: many\nPREFERRED_URL_SCHEME: ftp\nSESSION_TIMEOUT: 5\nSUPER_USER: x\n', {
      TIDEMARK_FEATURE_USER_RENAME: '1',
    });
    expect(error.problems).toEqual([
      'HTTP_PORT: "many" (from config.yaml) is not allowed; it takes an integer from 0 to 65535',
      'PREFERRED_URL_SCHEME: "ftp" (from config.yaml) is not allowed; it takes one of http, https',
      'SESSION_TIMEOUT: 5 (from config.yaml) is not allowed; it takes a duration such as 30s, 10m (minutes), 12h, 1d, 2w or 1y',
      'FEATURE_USER_RENAME: "1" (from TIDEMARK_FEATURE_USER_RENAME) is not allowed; it takes true or false',
    ]);
    expect(error.warnings).toEqual(['SUPER_USER: unknown key (from config.yaml); did you mean SUPER_USERS?']);
    expect(error.message.split('\n')).toHaveLength(5);
  });

  it('never shows a secret', () => {
    const error = refusal(
      [
        'MAIL_PASSWORD: 987654',
        'MASTER_KEY: hunter2',
        'GITHUB_LOGIN_CONFIG: {CLIENT_ID: x, CLIENT_SECRET: 987654}',
        'DISTRIBUTED_STORAGE_CONFIG: {a: [S3Storage, {storage_path: p, s3_bucket: b, s3_secret_key: 987654}]}',
      ].join('\n'),
      { TIDEMARK_GOOGLE_LOGIN_CONFIG: '{"CLIENT_SECRET": "hunter2"', TIDEMARK_CORP_LOGIN_CONFIG: 'hunter2' },
    );
    expect(error.problems).toHaveLength(6);
    expect(error.message).not.toMatch(/987654|hunter2/);
  });

  it.each([
    ['KEY: [', 'not YAML'],
    ['- A\n', 'not a YAML mapping'],
    ['A: 1\nA: 2\n', 'not YAML: Map keys must be unique'],
  ])('refuses a file that is no mapping: %j', (yaml, problem) => {
    expect(refusal(yaml).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('refuses an override that is no JSON mapping', () => {
    expect(refusal('', { QUAY_OVERRIDE_CONFIG: '[1]' }).problems).toEqual([
      'QUAY_OVERRIDE_CONFIG: not a JSON mapping of keys to values',
    ]);
  });
});

describe('providers of sign-ins', () => {
  it('are the blocks of any name, known by what comes before the first _', () => {
    const yaml = 'CORP_SSO_LOGIN_CONFIG: {OIDC_SERVER: "https://sso.example.com", CLIENT_ID: quay}\n';
    const { config } = load(yaml);
    expect(config.loginServices).toEqual([
      {
        id: 'corp',
        key: 'CORP_SSO_LOGIN_CONFIG',
        settings: expect.objectContaining({ OIDC_SERVER: 'https://sso.example.com/', PKCE_METHOD: 'S256' }),
      },
    ]);
  });

  it.each([
    ['LDAP_LOGIN_CONFIG: {OIDC_SERVER: "https://x/", CLIENT_ID: x}', 'LDAP_LOGIN_CONFIG'],
    ['A_LOGIN_CONFIG: {OIDC_SERVER: "http://x/", CLIENT_ID: x}', 'A_LOGIN_CONFIG.OIDC_SERVER'],
    ['A_LOGIN_CONFIG: {OIDC_SERVER: "https://x/", CLIENT_ID: x, OIDC_ISSUERS: []}', 'A_LOGIN_CONFIG.OIDC_ISSUERS'],
    ['A_LOGIN_CONFIG: {CLIENT_ID: x}', 'A_LOGIN_CONFIG.OIDC_SERVER: missing'],
  ])('are refused: %s', (yaml, place) => {
    expect(refusal(yaml).problems).toEqual([expect.stringContaining(place)]);
  });
});
