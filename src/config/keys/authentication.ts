import { accepted, section, used } from '../key.js';
import { list, mapping, object, preset } from '../types/collections.js';
import { choice, count, flag, number, positive, secret, text } from '../types/scalars.js';
import { filledText, webUrl } from '../types/texts.js';

const OAUTH_CLIENT = { CLIENT_ID: filledText, CLIENT_SECRET: secret(text) };

/** One `<NAME>_LOGIN_CONFIG`, other than those of GitHub and Google. */
export const oidcService = object({
  required: { OIDC_SERVER: webUrl, CLIENT_ID: filledText },
  optional: {
    CLIENT_SECRET: secret(text),
    SERVICE_NAME: text,
    LOGIN_SCOPES: list(text),
    LOGIN_BINDING_FIELD: choice('sub', 'username', 'email'),
    VERIFIED_EMAIL_CLAIM_NAME: text,
    PREFERRED_USERNAME_CLAIM_NAME: text,
    PREFERRED_GROUP_CLAIM_NAME: text,
    SUPERUSER_GROUP: text,
    GLOBAL_READONLY_SUPERUSER_GROUP: text,
    OIDC_ENDPOINT_CUSTOM_PARAMS: mapping(mapping(text)),
    OIDC_ISSUER: text,
    OIDC_ISSUERS: list(text, 1),
    OIDC_AUDIENCES: list(text, 1),
    OIDC_ALLOWED_CLIENTS: list(text, 1),
  },
  preset: {
    SERVICE_ICON: preset(text, 'fa-user-circle'),
    OIDC_DISABLE_USER_ENDPOINT: preset(flag, false),
    USE_PKCE: preset(flag, false),
    PKCE_METHOD: preset(choice('S256', 'plain'), 'S256'),
    PUBLIC_CLIENT: preset(flag, false),
    DEBUGGING: preset(flag, false),
  },
});

const github = object({
  required: OAUTH_CLIENT,
  optional: { API_ENDPOINT: webUrl, ALLOWED_ORGANIZATIONS: list(text) },
  preset: { GITHUB_ENDPOINT: preset(webUrl, 'https://github.com'), ORG_RESTRICT: preset(flag, false) },
});

export const authentication = section('External authentication', {
  AUTHENTICATION_TYPE: used(
    choice('Database', 'LDAP', 'JWT', 'Keystone', 'OIDC', 'AppToken'),
    'Database',
    'who knows the users and their passwords',
  ),
  INTERNAL_OIDC_SERVICE_ID: accepted(text, undefined, 'with `AUTHENTICATION_TYPE: OIDC`, the service that the UI uses'),
  FEATURE_GITHUB_LOGIN: accepted(flag, false, 'sign-in with GitHub'),
  GITHUB_LOGIN_CONFIG: accepted(github, undefined, 'the OAuth application there'),
  FEATURE_GOOGLE_LOGIN: accepted(flag, false, 'sign-in with Google'),
  GOOGLE_LOGIN_CONFIG: accepted(object({ required: OAUTH_CLIENT }), undefined, 'the OAuth client there'),
  JWT_AUTH_ISSUER: accepted(text, undefined, 'issuer of the tokens of a JWT service'),
  JWT_VERIFY_ENDPOINT: accepted(webUrl, undefined, 'where it verifies passwords'),
  JWT_QUERY_ENDPOINT: accepted(webUrl, undefined, 'where it finds users'),
  JWT_GETUSER_ENDPOINT: accepted(webUrl, undefined, 'where it tells one user'),
  JWT_AUTH_MAX_FRESH_S: accepted(positive, 300, 'longest accepted life of its tokens (s)'),
  KEYSTONE_AUTH_VERSION: accepted(count, 2, 'version of the Keystone protocol'),
  KEYSTONE_AUTH_URL: accepted(webUrl, undefined, 'address of Keystone'),
  KEYSTONE_AUTH_TIMEOUT: accepted(number({ min: 0 }), undefined, 'timeout of its calls (s)'),
  KEYSTONE_ADMIN_USERNAME: accepted(text, undefined, 'user that asks it'),
  KEYSTONE_ADMIN_PASSWORD: accepted(secret(text), undefined, 'the password of that user'),
  KEYSTONE_ADMIN_TENANT: accepted(text, undefined, 'tenant of that user'),
});

export const ldap = section('LDAP', {
  LDAP_URI: accepted(text, 'ldap://localhost', 'address; `ldap.crt` beside the configuration file is its CA'),
  LDAP_BASE_DN: accepted(list(text), undefined, 'base of searches, one component each'),
  LDAP_ADMIN_DN: accepted(text, undefined, 'who searches'),
  LDAP_ADMIN_PASSWD: accepted(secret(text), undefined, 'the password of that account'),
  LDAP_USER_RDN: accepted(list(text), [], 'where users lie below the base'),
  LDAP_SECONDARY_USER_RDNS: accepted(list(text), [], 'where else they lie'),
  LDAP_UID_ATTR: accepted(text, 'uid', 'attribute of the user name'),
  LDAP_EMAIL_ATTR: accepted(text, 'mail', 'attribute of the e-mail address'),
  LDAP_MEMBEROF_ATTR: accepted(text, 'memberOf', 'attribute of groups'),
  LDAP_USER_FILTER: accepted(text, undefined, 'filter of users'),
  LDAP_SUPERUSER_FILTER: accepted(text, undefined, 'filter of superusers'),
  LDAP_GLOBAL_READONLY_SUPERUSER_FILTER: accepted(text, undefined, 'filter of read-only superusers'),
  LDAP_RESTRICTED_USER_FILTER: accepted(text, undefined, 'filter of restricted users'),
  LDAP_ALLOW_INSECURE_FALLBACK: accepted(flag, false, 'goes on without TLS if TLS fails'),
  LDAP_TIMEOUT: accepted(number({ min: 0 }), undefined, 'timeout of a call (s)'),
  LDAP_NETWORK_TIMEOUT: accepted(number({ min: 0 }), undefined, 'timeout of a connection (s)'),
  LDAP_FOLLOW_REFERRALS: accepted(flag, true, 'follows referrals'),
  LDAP_CONNECTION_POOLING: accepted(flag, true, 'pools connections'),
  LDAP_POOL_SIZE: accepted(positive, 10, 'connections in the pool'),
  LDAP_POOL_MAX_WAIT: accepted(number({ min: 0 }), 5, 'longest wait for one (s)'),
  LDAP_POOL_CONNECTION_LIFETIME: accepted(positive, 300, 'life of one (s)'),
  FEATURE_LDAP_CACHING: accepted(flag, false, 'keeps answers for a moment'),
  LDAP_CACHE_TTL: accepted(positive, 5, 'how long (s)'),
});
