import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checks } from './checks.js';
import { ConfigInvalid } from './errors.js';
import { loadConfig } from './load.js';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'checks-'));
});
afterAll(() => {
  rmSync(cwd, { recursive: true, force: true });
});

const problems = (config: Record<string, unknown>): readonly string[] => {
  try {
    loadConfig({ QUAY_OVERRIDE_CONFIG: JSON.stringify(config) }, cwd);
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
};

const local = (path: string): unknown => ['LocalStorage', { storage_path: path }];

describe('rules over several keys', () => {
  it.each([
    [{ DEFAULT_TAG_EXPIRATION: '3w' }, 'DEFAULT_TAG_EXPIRATION: "3w" is not in TAG_EXPIRATION_OPTIONS'],
    [{ TAG_EXPIRATION_OPTIONS: ['1d'] }, 'DEFAULT_TAG_EXPIRATION: "2w" is not in TAG_EXPIRATION_OPTIONS'],
    [{ PREFERRED_URL_SCHEME: 'https' }, 'PREFERRED_URL_SCHEME: https needs ssl.cert and ssl.key'],
    [{ LABELED_EXPIRATION_MINIMUM: '3y' }, 'LABELED_EXPIRATION_MINIMUM: "3y" is more than'],
    [{ ACTION_LOG_ROTATION_THRESHOLD: '1d' }, 'ACTION_LOG_ROTATION_THRESHOLD: "1d" is less than'],
    [{ DISTRIBUTED_STORAGE_PREFERENCE: ['other'] }, 'DISTRIBUTED_STORAGE_PREFERENCE: "other" is not in'],
    [{ DISTRIBUTED_STORAGE_PREFERENCE: [] }, 'DISTRIBUTED_STORAGE_PREFERENCE: it takes at least one id'],
    [{ DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: ['other'] }, 'DISTRIBUTED_STORAGE_DEFAULT_LOCATIONS: "other"'],
    [{ USERFILES_LOCATION: 'other' }, 'USERFILES_LOCATION: "other" is not in'],
    [{ FEATURE_STORAGE_REPLICATION: true }, 'FEATURE_STORAGE_REPLICATION: true does not go with LocalStorage'],
    [{ FEATURE_DIRECT_LOGIN: false }, 'FEATURE_DIRECT_LOGIN: nobody could sign in'],
    [{ AUTHENTICATION_TYPE: 'AppToken' }, 'AUTHENTICATION_TYPE: AppToken needs FEATURE_DIRECT_LOGIN: false'],
    [{ AUTHENTICATION_TYPE: 'OIDC' }, 'AUTHENTICATION_TYPE: OIDC needs a block'],
    [{ AUTHENTICATION_TYPE: 'LDAP' }, 'AUTHENTICATION_TYPE: needs LDAP_BASE_DN, LDAP_ADMIN_DN, LDAP_ADMIN_PASSWD'],
    [{ FEATURE_GITHUB_LOGIN: true }, 'FEATURE_GITHUB_LOGIN: needs GITHUB_LOGIN_CONFIG'],
    [
      { GITHUB_LOGIN_CONFIG: { CLIENT_ID: 'a', CLIENT_SECRET: 'b', ORG_RESTRICT: true } },
      'GITHUB_LOGIN_CONFIG: ORG_RESTRICT needs at least one',
    ],
    [
      { FEATURE_USER_CREATION: false, FEATURE_INVITE_ONLY_USER_CREATION: true },
      'FEATURE_INVITE_ONLY_USER_CREATION: true needs',
    ],
    [{ FEATURE_SECURITY_SCANNER: true }, 'FEATURE_SECURITY_SCANNER: needs SECURITY_SCANNER_V4_ENDPOINT'],
    [{ FEATURE_FIPS: true, MAIL_USE_TLS: false }, 'MAIL_USE_TLS: must be true with FEATURE_FIPS'],
    [{ BOOTSTRAP_TOKEN_SCOPE: 'repo:read repo:nuke' }, 'BOOTSTRAP_TOKEN_SCOPE: '],
    [{ FEATURE_PROGRAMMATIC_BOOTSTRAP: true, BOOTSTRAP_TOKEN_OWNER: 'ann' }, 'BOOTSTRAP_TOKEN_OWNER: '],
    [{ MASTER_KEY: 'ab'.repeat(32), MASTER_KEY_FILE: '/run/key' }, 'MASTER_KEY: give either'],
    [
      { DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: { method: 'number_of_tags', value: 3 } },
      'DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: a policy needs FEATURE_AUTO_PRUNE: true',
    ],
  ])('refuse %j', (config, problem) => {
    expect(problems(config)).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    [{ DEFAULT_TAG_EXPIRATION: '14d' }],
    [{ PREFERRED_URL_SCHEME: 'https', EXTERNAL_TLS_TERMINATION: true }],
    [{ AUTHENTICATION_TYPE: 'LDAP', LDAP_BASE_DN: ['dc=a'], LDAP_ADMIN_DN: 'cn=a', LDAP_ADMIN_PASSWD: 'a' }],
    [{ DISTRIBUTED_STORAGE_CONFIG: { a: local('/a'), b: local('/b') }, DISTRIBUTED_STORAGE_PREFERENCE: ['b', 'a'] }],
    [{ DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: { method: 'creation_date', value: '12h' }, FEATURE_AUTO_PRUNE: true }],
  ])('allow %j', (config) => {
    expect(problems(config)).toEqual([]);
  });

  it('allow https with a certificate beside the configuration', () => {
    writeFileSync(join(cwd, 'ssl.cert'), '');
    writeFileSync(join(cwd, 'ssl.key'), '');
    writeFileSync(join(cwd, 'config.yaml'), 'PREFERRED_URL_SCHEME: https\n');
    const { config } = loadConfig({}, cwd);
    expect(config.SESSION_COOKIE_SECURE).toBe(true);
    rmSync(join(cwd, 'config.yaml'));
  });

  it('say nothing about keys that were refused already', () => {
    expect(problems({ TAG_EXPIRATION_OPTIONS: 'weeks' })).toHaveLength(1);
  });

  it('each name the keys that they are about', () => {
    for (const { keys } of checks) expect(keys.length).toBeGreaterThan(0);
  });
});
