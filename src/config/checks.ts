import { isScopeText } from '../domain/oauth/scopes.js';
import { check, type Check } from './check.js';
import { engineChecks } from './engineChecks.js';
import type { ConfigKey, Settings } from './schema.js';
import { storageChecks } from './storageChecks.js';

/** While `when` holds, each of `needed` must have a value. */
const needs = (place: ConfigKey, when: (settings: Settings) => boolean, needed: readonly ConfigKey[]): Check =>
  check([place, ...needed], (settings) => {
    const missing = when(settings) ? needed.filter((key) => settings[key] === undefined) : [];
    return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
  });

const isLdap = (settings: Settings): boolean => settings.AUTHENTICATION_TYPE === 'LDAP';
const isJwt = (settings: Settings): boolean => settings.AUTHENTICATION_TYPE === 'JWT';

const serverChecks: readonly Check[] = [
  check(['PREFERRED_URL_SCHEME', 'EXTERNAL_TLS_TERMINATION'], (settings, { hasFile }) => {
    if (settings.PREFERRED_URL_SCHEME !== 'https' || settings.EXTERNAL_TLS_TERMINATION) return undefined;
    const missing = ['ssl.cert', 'ssl.key'].filter((name) => !hasFile(name));
    return missing.length === 0
      ? undefined
      : `https needs ${missing.join(' and ')} beside the configuration file, or EXTERNAL_TLS_TERMINATION: true`;
  }),
  check(['MASTER_KEY', 'MASTER_KEY_FILE'], (settings) =>
    settings.MASTER_KEY !== undefined && settings.MASTER_KEY_FILE !== undefined
      ? 'give either MASTER_KEY or MASTER_KEY_FILE, not both'
      : undefined,
  ),
];

const accountChecks: readonly Check[] = [
  check(['FEATURE_INVITE_ONLY_USER_CREATION', 'FEATURE_USER_CREATION'], (settings) =>
    settings.FEATURE_INVITE_ONLY_USER_CREATION && !settings.FEATURE_USER_CREATION
      ? 'true needs FEATURE_USER_CREATION: true'
      : undefined,
  ),
  check(['BOOTSTRAP_TOKEN_OWNER', 'FEATURE_PROGRAMMATIC_BOOTSTRAP', 'SUPER_USERS'], (settings) =>
    settings.FEATURE_PROGRAMMATIC_BOOTSTRAP && !settings.SUPER_USERS.includes(settings.BOOTSTRAP_TOKEN_OWNER ?? '')
      ? 'FEATURE_PROGRAMMATIC_BOOTSTRAP needs an owner who is one of SUPER_USERS'
      : undefined,
  ),
  check(['BOOTSTRAP_TOKEN_SCOPE'], ({ BOOTSTRAP_TOKEN_SCOPE: scope }) =>
    scope !== undefined && !isScopeText(scope) ? 'names a scope that does not exist, or none' : undefined,
  ),
  needs('FEATURE_RECAPTCHA', ({ FEATURE_RECAPTCHA }) => FEATURE_RECAPTCHA, [
    'RECAPTCHA_SITE_KEY',
    'RECAPTCHA_SECRET_KEY',
  ]),
];

const signInChecks: readonly Check[] = [
  check(['FEATURE_DIRECT_LOGIN', 'FEATURE_GITHUB_LOGIN', 'FEATURE_GOOGLE_LOGIN'], (settings, { loginServices }) =>
    settings.FEATURE_DIRECT_LOGIN ||
    settings.FEATURE_GITHUB_LOGIN ||
    settings.FEATURE_GOOGLE_LOGIN ||
    loginServices.length > 0
      ? undefined
      : 'nobody could sign in; turn it on, or FEATURE_GITHUB_LOGIN or FEATURE_GOOGLE_LOGIN, or give an OIDC block',
  ),
  check(['AUTHENTICATION_TYPE', 'FEATURE_DIRECT_LOGIN', 'FEATURE_APP_SPECIFIC_TOKENS'], (settings) =>
    settings.AUTHENTICATION_TYPE === 'AppToken' &&
    (settings.FEATURE_DIRECT_LOGIN || !settings.FEATURE_APP_SPECIFIC_TOKENS)
      ? 'AppToken needs FEATURE_DIRECT_LOGIN: false and FEATURE_APP_SPECIFIC_TOKENS: true'
      : undefined,
  ),
  check(['AUTHENTICATION_TYPE'], (settings, { loginServices }) =>
    settings.AUTHENTICATION_TYPE === 'OIDC' && loginServices.length === 0
      ? 'OIDC needs a block such as CORP_LOGIN_CONFIG'
      : undefined,
  ),
  needs('AUTHENTICATION_TYPE', isLdap, ['LDAP_BASE_DN', 'LDAP_ADMIN_DN', 'LDAP_ADMIN_PASSWD']),
  needs('AUTHENTICATION_TYPE', isJwt, ['JWT_AUTH_ISSUER', 'JWT_VERIFY_ENDPOINT']),
  check(['AUTHENTICATION_TYPE'], (settings, { hasFile }) =>
    isJwt(settings) && !hasFile('jwt-authn.cert')
      ? 'JWT needs jwt-authn.cert beside the configuration file'
      : undefined,
  ),
  needs('FEATURE_GITHUB_LOGIN', ({ FEATURE_GITHUB_LOGIN }) => FEATURE_GITHUB_LOGIN, ['GITHUB_LOGIN_CONFIG']),
  needs('FEATURE_GOOGLE_LOGIN', ({ FEATURE_GOOGLE_LOGIN }) => FEATURE_GOOGLE_LOGIN, ['GOOGLE_LOGIN_CONFIG']),
  check(['GITHUB_LOGIN_CONFIG'], ({ GITHUB_LOGIN_CONFIG: github }) =>
    github?.ORG_RESTRICT === true && (github.ALLOWED_ORGANIZATIONS ?? []).length === 0
      ? 'ORG_RESTRICT needs at least one of ALLOWED_ORGANIZATIONS'
      : undefined,
  ),
];

const timeMachineChecks: readonly Check[] = [
  check(['DEFAULT_TAG_EXPIRATION', 'TAG_EXPIRATION_OPTIONS'], (settings) => {
    const options = settings.TAG_EXPIRATION_OPTIONS;
    const window = settings.DEFAULT_TAG_EXPIRATION;
    return options.some(({ seconds }) => seconds === window.seconds)
      ? undefined
      : `"${window.text}" is not in TAG_EXPIRATION_OPTIONS; it takes one of ${options.map(({ text }) => text).join(', ')}`;
  }),
  check(['LABELED_EXPIRATION_MINIMUM', 'LABELED_EXPIRATION_MAXIMUM'], (settings) =>
    settings.LABELED_EXPIRATION_MINIMUM.seconds > settings.LABELED_EXPIRATION_MAXIMUM.seconds
      ? `"${settings.LABELED_EXPIRATION_MINIMUM.text}" is more than LABELED_EXPIRATION_MAXIMUM`
      : undefined,
  ),
  check(['DEFAULT_NAMESPACE_AUTOPRUNE_POLICY', 'FEATURE_AUTO_PRUNE'], (settings) =>
    settings.DEFAULT_NAMESPACE_AUTOPRUNE_POLICY !== undefined && !settings.FEATURE_AUTO_PRUNE
      ? 'a policy needs FEATURE_AUTO_PRUNE: true'
      : undefined,
  ),
  check(['ACTION_LOG_ROTATION_THRESHOLD', 'MINIMUM_LOGS_AGE_FOR_ARCHIVE'], (settings) =>
    settings.ACTION_LOG_ROTATION_THRESHOLD.seconds < settings.MINIMUM_LOGS_AGE_FOR_ARCHIVE.seconds
      ? `"${settings.ACTION_LOG_ROTATION_THRESHOLD.text}" is less than MINIMUM_LOGS_AGE_FOR_ARCHIVE`
      : undefined,
  ),
];

const featureChecks: readonly Check[] = [
  needs('FEATURE_SECURITY_SCANNER', ({ FEATURE_SECURITY_SCANNER }) => FEATURE_SECURITY_SCANNER, [
    'SECURITY_SCANNER_V4_ENDPOINT',
  ]),
  check(['MAIL_USE_TLS', 'FEATURE_FIPS', 'FEATURE_MAILING'], (settings) =>
    settings.FEATURE_FIPS && settings.FEATURE_MAILING && !settings.MAIL_USE_TLS
      ? 'must be true with FEATURE_FIPS'
      : undefined,
  ),
  needs('FEATURE_GITHUB_BUILD', ({ FEATURE_GITHUB_BUILD }) => FEATURE_GITHUB_BUILD, ['GITHUB_TRIGGER_CONFIG']),
  needs('FEATURE_GITLAB_BUILD', ({ FEATURE_GITLAB_BUILD }) => FEATURE_GITLAB_BUILD, ['GITLAB_TRIGGER_CONFIG']),
  needs('FEATURE_BITBUCKET_BUILD', ({ FEATURE_BITBUCKET_BUILD }) => FEATURE_BITBUCKET_BUILD, [
    'BITBUCKET_TRIGGER_CONFIG',
  ]),
];

export const checks: readonly Check[] = [
  ...serverChecks,
  ...engineChecks,
  ...accountChecks,
  ...signInChecks,
  ...timeMachineChecks,
  ...storageChecks,
  ...featureChecks,
];
