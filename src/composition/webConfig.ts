import type { Config } from '../config/config.js';
import type { Duration } from '../domain/shared/duration.js';
import type { Json, JsonObject } from '../domain/shared/json.js';
import { PALETTE } from '../http/api/shared/avatars.js';
import { LOGO, LOGO_DARK } from '../http/web/logo.js';

type Shown = { readonly [key: string]: Json | undefined };

/** What `GET /config` answers (contract: superuser §12): the same for everybody, so it is put together once. */
export function webConfigOf(config: Config, version: string): JsonObject {
  return {
    config: withoutAbsent({ ...serverKeys(config), ...uiKeys(config), ...featureKeys(config) }),
    features: Object.fromEntries(config.features),
    oauth: { GITHUB_TRIGGER_CONFIG: githubTrigger(config), GITLAB_TRIGGER_CONFIG: gitlabTrigger(config) },
    external_login: loginServicesOf(config),
    registry_state: config.REGISTRY_STATE,
    account_recovery_mode: config.ACCOUNT_RECOVERY_MODE,
    version_number: config.isOn('BILLING') ? '' : `Quay v${version}`,
  };
}

/** A key that is not there is left out; `null` is a value. */
const withoutAbsent = (shown: Shown): JsonObject =>
  Object.fromEntries(Object.entries(shown).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));

const textOf = ({ text }: Duration): string => text;

const serverKeys = (config: Config): Shown => ({
  SERVER_HOSTNAME: config.SERVER_HOSTNAME,
  PREFERRED_URL_SCHEME: config.PREFERRED_URL_SCHEME,
  AUTHENTICATION_TYPE: config.AUTHENTICATION_TYPE,
  INTERNAL_OIDC_SERVICE_ID: config.INTERNAL_OIDC_SERVICE_ID,
  LOCAL_OAUTH_HANDLER: '/oauth/localapp',
  SETUP_COMPLETE: config.SETUP_COMPLETE,
  TAG_EXPIRATION_OPTIONS: config.TAG_EXPIRATION_OPTIONS.map(textOf),
  DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: autoPrunePolicy(config),
  PERMANENTLY_DELETE_TAGS: config.PERMANENTLY_DELETE_TAGS,
  ROBOTS_DISALLOW: config.ROBOTS_DISALLOW,
  SEARCH_RESULTS_PER_PAGE: config.SEARCH_RESULTS_PER_PAGE,
  SEARCH_MAX_RESULT_PAGE_COUNT: config.SEARCH_MAX_RESULT_PAGE_COUNT,
  QUOTA_BACKFILL: config.QUOTA_BACKFILL,
});

const uiKeys = (config: Config): Shown => ({
  REGISTRY_TITLE: config.REGISTRY_TITLE,
  REGISTRY_TITLE_SHORT: config.REGISTRY_TITLE_SHORT,
  CONTACT_INFO: config.CONTACT_INFO,
  AVATAR_KIND: config.AVATAR_KIND,
  BRANDING: branding(config),
  ENTERPRISE_LOGO_URL: config.ENTERPRISE_LOGO_URL,
  ENTERPRISE_LOGO_URL_DARK: config.ENTERPRISE_LOGO_URL_DARK,
  DOCUMENTATION_ROOT:
    config.DOCUMENTATION_ROOT ?? `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}/api-docs`,
  FOOTER_LINKS: withoutAbsent(config.FOOTER_LINKS),
  DEFAULT_UI: config.DEFAULT_UI,
  DISABLE_ANGULAR_UI: config.DISABLE_ANGULAR_UI,
  UI_V2_FEEDBACK_FORM: config.UI_V2_FEEDBACK_FORM ?? null,
  UI_DELAY_AFTER_WRITE_SECONDS: config.UI_DELAY_AFTER_WRITE_SECONDS,
  CHANNEL_COLORS: PALETTE,
  RECAPTCHA_SITE_KEY: config.RECAPTCHA_SITE_KEY ?? null,
  MIXPANEL_KEY: config.MIXPANEL_KEY,
  // Keys that this server does not know, shown as they are where nobody set them.
  STATIC_SITE_BUCKET: null,
  SENTRY_PUBLIC_DSN: null,
});

/** Clients read these among the settings, too. */
const featureKeys = (config: Config): Shown => ({
  FEATURE_REPO_MIRROR: config.isOn('REPO_MIRROR'),
  FEATURE_ORG_MIRROR: config.isOn('ORG_MIRROR'),
  FEATURE_QUOTA_MANAGEMENT: config.isOn('QUOTA_MANAGEMENT'),
  FEATURE_QUOTA_NOTIFICATIONS: config.isOn('QUOTA_NOTIFICATIONS'),
  FEATURE_EDIT_QUOTA: config.isOn('EDIT_QUOTA'),
  FEATURE_PROXY_CACHE: config.isOn('PROXY_CACHE'),
  FEATURE_ASSIGN_OAUTH_TOKEN: config.isOn('ASSIGN_OAUTH_TOKEN'),
  FEATURE_IMAGE_EXPIRY_TRIGGER: config.isOn('IMAGE_EXPIRY_TRIGGER'),
  FEATURE_AUTO_PRUNE: config.isOn('AUTO_PRUNE'),
  FEATURE_IMMUTABLE_TAGS_CAN_EXPIRE: config.isOn('IMMUTABLE_TAGS_CAN_EXPIRE'),
});

function branding(config: Config): JsonObject {
  const { logo = LOGO, logo_dark: logoDark, footer_img: image, footer_url: link } = config.BRANDING ?? {};
  return {
    logo: config.ENTERPRISE_LOGO_URL ?? logo,
    logo_dark: config.ENTERPRISE_LOGO_URL_DARK ?? logoDark ?? (config.BRANDING ? logo : LOGO_DARK),
    footer_img: image ?? null,
    footer_url: link ?? null,
  };
}

function autoPrunePolicy({ DEFAULT_NAMESPACE_AUTOPRUNE_POLICY: policy }: Config): Json {
  if (policy === undefined) return null;
  return {
    method: policy.method,
    value: typeof policy.value === 'number' ? policy.value : policy.value.text,
    ...(policy.tagPattern === undefined ? {} : { tag_pattern: policy.tagPattern }),
    tag_pattern_matches: policy.tagPatternMatches,
  };
}

const withoutEnd = (url: string): string => url.replace(/\/$/, '');

function githubTrigger({ GITHUB_TRIGGER_CONFIG: given }: Config): JsonObject {
  const endpoint = withoutEnd(given?.GITHUB_ENDPOINT ?? 'https://github.com');
  return {
    CLIENT_ID: given?.CLIENT_ID ?? null,
    AUTHORIZE_ENDPOINT: `${endpoint}/login/oauth/authorize`,
    GITHUB_ENDPOINT: `${endpoint}/`,
    ORG_RESTRICT: false,
  };
}

function gitlabTrigger({ GITLAB_TRIGGER_CONFIG: given }: Config): JsonObject {
  const endpoint = withoutEnd(given?.GITLAB_ENDPOINT ?? 'https://gitlab.com');
  return {
    CLIENT_ID: given?.CLIENT_ID ?? null,
    AUTHORIZE_ENDPOINT: `${endpoint}/oauth/authorize`,
    GITLAB_ENDPOINT: `${endpoint}/`,
  };
}

/** Who else may sign people in: GitHub, Google, providers of OpenID Connect. */
function loginServicesOf(config: Config): readonly Json[] {
  const services: Json[] = [];
  const { GITHUB_LOGIN_CONFIG: github, GOOGLE_LOGIN_CONFIG: google } = config;
  if (config.isOn('GITHUB_LOGIN') && github) {
    const endpoint = withoutEnd(github.GITHUB_ENDPOINT);
    services.push({
      ...{ id: 'github', title: 'GitHub', icon: 'fa-github' },
      config: {
        CLIENT_ID: github.CLIENT_ID,
        AUTHORIZE_ENDPOINT: `${endpoint}/login/oauth/authorize`,
        GITHUB_ENDPOINT: `${endpoint}/`,
        ORG_RESTRICT: github.ORG_RESTRICT,
      },
    });
  }
  if (config.isOn('GOOGLE_LOGIN') && google) {
    services.push({
      ...{ id: 'google', title: 'Google', icon: 'fa-google' },
      config: {
        CLIENT_ID: google.CLIENT_ID,
        AUTHORIZE_ENDPOINT: 'https://accounts.google.com/o/oauth2/v2/auth',
      },
    });
  }
  for (const { id, settings } of config.loginServices) {
    services.push({
      ...{ id, title: settings.SERVICE_NAME ?? id, icon: settings.SERVICE_ICON },
      config: { CLIENT_ID: settings.CLIENT_ID, OIDC: true },
    });
  }
  return services;
}
