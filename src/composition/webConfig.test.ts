import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../config/load.js';
import { webConfigOf } from './webConfig.js';

/** As contract: superuser §12.2 lists them. */
const ON =
  'PERMANENT_SESSIONS SUPER_USERS ANONYMOUS_ACCESS BUILD_SUPPORT MAILING USER_CREATION DIRECT_LOGIN ADVERTISE_V2 USER_EVENTS LIBRARY_SUPPORT REQUIRE_TEAM_INVITE PARTIAL_USER_AUTOCOMPLETE USERNAME_CONFIRMATION CHANGE_TAG_EXPIRATION APP_SPECIFIC_TOKENS USER_LAST_ACCESSED AGGREGATED_LOG_COUNT_RETRIEVAL LOG_EXPORT GARBAGE_COLLECTION NAMESPACE_GARBAGE_COLLECTION REPOSITORY_GARBAGE_COLLECTION GENERAL_OCI_SUPPORT HELM_OCI_SUPPORT REFERRERS_API REPOSITORY_ACTION_COUNTER MANIFEST_SIZE_BACKFILL MANIFEST_SUBJECT_BACKFILL EXTENDED_REPOSITORY_NAMES EDIT_QUOTA VERIFY_QUOTA PROXY_CACHE_BLOB_DOWNLOAD UI_V2 UI_MODELCARD SECURITY_SCANNER_NOTIFY_ON_NEW_INDEX ASSIGN_OAUTH_TOKEN ENABLE_STALE_MPU_CLEANUP';
const OFF =
  'BILLING USER_LOG_ACCESS GITHUB_LOGIN GOOGLE_LOGIN GITHUB_BUILD BITBUCKET_BUILD GITLAB_BUILD ORG_SHARED_EMAIL INVITE_ONLY_USER_CREATION USER_RENAME REQUIRE_ENCRYPTED_BASIC_AUTH STORAGE_REPLICATION IMAGE_PULL_STATS RESTRICTED_V1_PUSH ACTION_LOG_ROTATION PROXY_STORAGE USER_METADATA SIGNING PUBLIC_CATALOG READER_BUILD_LOGS FIPS SECURITY_SCANNER SECURITY_NOTIFICATIONS SECURITY_SCANNER_V2 REPO_MIRROR ORG_MIRROR RECAPTCHA TEAM_SYNCING NONSUPERUSER_TEAM_SYNCING_SETUP IMMUTABLE_TAGS IMMUTABLE_TAGS_CAN_EXPIRE RATE_LIMITS DISABLE_PULL_LOGS_FOR_FREE_NAMESPACES BLACKLISTED_EMAILS CLEAR_EXPIRED_RAC_ENTRIES USER_INITIALIZE PROGRAMMATIC_BOOTSTRAP QUOTA_MANAGEMENT QUOTA_SUPPRESS_FAILURES QUOTA_NOTIFICATIONS PROXY_CACHE EXTENDED_ACTION_LOGGING EXPORT_COMPLIANCE SUPERUSERS_FULL_ACCESS SUPERUSERS_ORG_CREATION_ONLY RESTRICTED_USERS ENTITLEMENT_RECONCILIATION RH_MARKETPLACE AUTO_PRUNE UI_DELAY_AFTER_WRITE IMAGE_EXPIRY_TRIGGER SPAM_DETECTION SUPERUSER_CONFIGDUMP OTEL_TRACING SPARSE_INDEX';

/** As contract: superuser §12.1 lists them; those that this server does not know without a value of their own. */
const SHOWN =
  'SERVER_HOSTNAME PREFERRED_URL_SCHEME AUTHENTICATION_TYPE REGISTRY_TITLE REGISTRY_TITLE_SHORT CONTACT_INFO AVATAR_KIND BRANDING DOCUMENTATION_ROOT FOOTER_LINKS LOCAL_OAUTH_HANDLER TAG_EXPIRATION_OPTIONS DEFAULT_NAMESPACE_AUTOPRUNE_POLICY PERMANENTLY_DELETE_TAGS FEATURE_IMMUTABLE_TAGS_CAN_EXPIRE ROBOTS_DISALLOW DEFAULT_UI DISABLE_ANGULAR_UI UI_V2_FEEDBACK_FORM UI_DELAY_AFTER_WRITE_SECONDS SEARCH_RESULTS_PER_PAGE SEARCH_MAX_RESULT_PAGE_COUNT QUOTA_BACKFILL FEATURE_REPO_MIRROR FEATURE_ORG_MIRROR FEATURE_QUOTA_MANAGEMENT FEATURE_QUOTA_NOTIFICATIONS FEATURE_PROXY_CACHE FEATURE_IMAGE_EXPIRY_TRIGGER FEATURE_AUTO_PRUNE FEATURE_EDIT_QUOTA FEATURE_ASSIGN_OAUTH_TOKEN CHANNEL_COLORS SETUP_COMPLETE STATIC_SITE_BUCKET RECAPTCHA_SITE_KEY SENTRY_PUBLIC_DSN';
const SOMETIMES = 'ENTERPRISE_LOGO_URL ENTERPRISE_LOGO_URL_DARK MIXPANEL_KEY INTERNAL_OIDC_SERVICE_ID';

const shown = (settings: Readonly<Record<string, string>> = {}): unknown => {
  const env = Object.fromEntries(Object.entries(settings).map(([key, value]) => [`TIDEMARK_${key}`, value]));
  return JSON.parse(JSON.stringify(webConfigOf(loadConfig(env, '/nowhere').config, '1.2.3')));
};
type Shown = { readonly config: Record<string, unknown>; readonly features: Record<string, unknown> };

describe('what a web UI is told', () => {
  const { config, features } = shown() as Shown;

  it.each([
    ...ON.split(' ').map((name) => [name, true] as const),
    ...OFF.split(' ').map((name) => [name, false] as const),
  ])('the switch %s is %p by default', (name, isOn) => {
    expect(features[name]).toBe(isOn);
  });

  it('every switch is a boolean, however it was given', () => {
    const { features: given } = shown({
      FEATURE_SPARSE_INDEX: 'true',
      FEATURE_MAILING: 'false',
      FEATURE_NOVEL: 'true',
    }) as Shown;
    expect(given).toMatchObject({ SPARSE_INDEX: true, MAILING: false, NOVEL: true });
    expect(Object.values(given).filter((value) => typeof value !== 'boolean')).toEqual([]);
  });

  it('the settings are those of the contract, and no other', () => {
    expect(Object.keys(config).sort()).toEqual(SHOWN.split(' ').sort());
    const all = shown({
      ENTERPRISE_LOGO_URL: 'https://example.org/logo.png',
      ENTERPRISE_LOGO_URL_DARK: 'https://example.org/dark.png',
      MIXPANEL_KEY: 'key',
      INTERNAL_OIDC_SERVICE_ID: 'sso',
    }) as Shown;
    expect(Object.keys(all.config).sort()).toEqual([...SHOWN.split(' '), ...SOMETIMES.split(' ')].sort());
    expect(all.config['BRANDING']).toEqual({
      ...{ logo: 'https://example.org/logo.png', logo_dark: 'https://example.org/dark.png' },
      ...{ footer_img: null, footer_url: null },
    });
  });

  it('values are as they are written in a configuration file', () => {
    expect(config).toMatchObject({
      ...{ TAG_EXPIRATION_OPTIONS: ['0s', '1d', '1w', '2w', '4w'], DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: null },
      ...{ AUTHENTICATION_TYPE: 'Database', AVATAR_KIND: 'local', DEFAULT_UI: 'react', CONTACT_INFO: [] },
      ...{ SEARCH_RESULTS_PER_PAGE: 10, SEARCH_MAX_RESULT_PAGE_COUNT: 10, LOCAL_OAUTH_HANDLER: '/oauth/localapp' },
    });
    const policy = { method: 'creation_date', value: '7d', tag_pattern: '^pr-' };
    const { config: given } = shown({
      FEATURE_AUTO_PRUNE: 'true',
      DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: JSON.stringify(policy),
    }) as Shown;
    expect(given['DEFAULT_NAMESPACE_AUTOPRUNE_POLICY']).toEqual({ ...policy, tag_pattern_matches: true });
  });

  it('the state of the instance, and whose triggers there could be', () => {
    expect(shown({ REGISTRY_STATE: 'readonly' })).toMatchObject({
      registry_state: 'readonly',
      account_recovery_mode: false,
      version_number: 'Quay v1.2.3',
      external_login: [],
      oauth: {
        GITHUB_TRIGGER_CONFIG: {
          ...{ CLIENT_ID: null, GITHUB_ENDPOINT: 'https://github.com/', ORG_RESTRICT: false },
          AUTHORIZE_ENDPOINT: 'https://github.com/login/oauth/authorize',
        },
        GITLAB_TRIGGER_CONFIG: {
          ...{ CLIENT_ID: null, GITLAB_ENDPOINT: 'https://gitlab.com/' },
          AUTHORIZE_ENDPOINT: 'https://gitlab.com/oauth/authorize',
        },
      },
    });
    expect(shown({ FEATURE_BILLING: 'true' })).toMatchObject({ version_number: '' });
  });

  it('who else signs people in, without their secrets', () => {
    const services = shown({
      FEATURE_GITHUB_LOGIN: 'true',
      GITHUB_LOGIN_CONFIG: JSON.stringify({ CLIENT_ID: 'hub', CLIENT_SECRET: 'not-shown' }),
      FEATURE_GOOGLE_LOGIN: 'true',
      GOOGLE_LOGIN_CONFIG: JSON.stringify({ CLIENT_ID: 'goo', CLIENT_SECRET: 'not-shown' }),
      SSO_LOGIN_CONFIG: JSON.stringify({
        ...{ OIDC_SERVER: 'https://sso.example.org', CLIENT_ID: 'tide', CLIENT_SECRET: 'not-shown' },
        SERVICE_NAME: 'Single sign-on',
      }),
    });
    expect(services).toMatchObject({
      external_login: [
        { id: 'github', icon: 'fa-github', config: { CLIENT_ID: 'hub', ORG_RESTRICT: false } },
        { id: 'google', icon: 'fa-google', config: { CLIENT_ID: 'goo' } },
        { id: 'sso', title: 'Single sign-on', icon: 'fa-user-circle', config: { CLIENT_ID: 'tide', OIDC: true } },
      ],
    });
    expect(JSON.stringify(services)).not.toContain('not-shown');
  });
});
