import { accepted, section, used } from '../key.js';
import { list } from '../types/collections.js';
import { duration } from '../types/quantities.js';
import { anything, choice, count, either, flag, number, positive, secret, text } from '../types/scalars.js';
import { hostAndPort, metricPrefix, network } from '../types/texts.js';

export const server = section('Server and TLS', {
  SERVER_HOSTNAME: used(hostAndPort, 'localhost:8080', 'public host and port: audience of tokens, base of links'),
  PREFERRED_URL_SCHEME: used(choice('http', 'https'), 'http', 'scheme of links and challenges'),
  EXTERNAL_TLS_TERMINATION: used(flag, false, 'TLS ends in front of the server, which listens on plain HTTP'),
  SSL_PROTOCOLS: used(
    list(choice('TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'), 1),
    ['TLSv1.2', 'TLSv1.3'],
    'versions of the built-in TLS, which serves `ssl.cert` and `ssl.key` beside the configuration file',
  ),
  SSL_CIPHERS: used(list(text), undefined, 'cipher suites up to TLS 1.2; absent: those that Node.js holds strong'),
  SSL_CIPHERSUITES: used(list(text), [], 'cipher suites of TLS 1.3; empty: those that Node.js holds strong'),
  FEATURE_LISTEN_IP_VERSION: used(choice('IPv4', 'IPv6', 'dual-stack'), 'IPv4', 'address families to listen on'),
  TRUSTED_PROXY_CIDR: used(list(network), undefined, 'proxies whose `X-Forwarded-For` is believed; absent: every peer'),
  CORS_ORIGIN: used(either(list(text), text), '*', 'origins that may call the API from a browser'),
  BROWSER_API_CALLS_XHR_ONLY: used(flag, true, "a browser's GET to the API needs `X-Requested-With`"),
  FEATURE_RATE_LIMITS: accepted(flag, false, 'limits of requests per client, answered with 429'),
  NON_RATE_LIMITED_NAMESPACES: accepted(list(text), [], 'namespaces without these limits'),
  MANIFESTS_ENDPOINT_READ_TIMEOUT: accepted(duration, undefined, 'read timeout of manifest calls'),
  REGISTRY_STATE: used(choice('normal', 'readonly'), 'normal', 'readonly: no writes, workers stop'),
  DISABLE_PUSHES: used(flag, false, 'refuses new content; everything else works, collection pauses'),
  ACCOUNT_RECOVERY_MODE: used(flag, false, 'only the recovery of administrators'),
  SETUP_COMPLETE: used(flag, true, 'Quay starts with true only; superusers are told'),
  SSRF_ALLOWED_HOSTS: used(
    list(text),
    [],
    'hosts and networks that outgoing calls may reach although they are private',
  ),
  FEATURE_FIPS: accepted(flag, false, 'avoids hashes that FIPS does not know (no gravatar)'),
  TESTING: accepted(flag, true, "Quay's switch for mail in tests"),
});

export const sessions = section('Secrets and sessions', {
  SECRET_KEY: used(
    secret(text),
    undefined,
    'signs sessions and grants; absent: generated; changing it logs everyone out',
  ),
  DATABASE_SECRET_KEY: accepted(secret(text), undefined, "encrypts credentials in Quay's database"),
  PAGE_TOKEN_KEY: accepted(secret(text), undefined, 'encrypts page tokens; absent: derived from `SECRET_KEY`'),
  SESSION_COOKIE_SECURE: used(flag, false, '`Secure` on the session cookie; forced on with the scheme https'),
  FORCE_NONSECURE_SESSION_COOKIE: used(flag, false, 'https does not force `Secure` on the session cookie'),
  SESSION_TIMEOUT: used(duration, '31d', 'life of a session'),
  FEATURE_PERMANENT_SESSIONS: used(flag, true, 'the session cookie survives the end of the browser'),
  FRESH_LOGIN_TIMEOUT: used(duration, '10m', 'how long after a sign-in sensitive operations are allowed'),
  REGISTRY_JWT_AUTH_MAX_FRESH_S: used(positive, 3660, 'longest accepted life of a registry token (s)'),
  SIGNED_GRANT_EXPIRATION_SEC: accepted(positive, 86_400, 'life of grants of the v1 protocol (s)'),
  INSTANCE_SERVICE_KEY_SERVICE: accepted(text, 'quay', 'service name of the keys that sign registry tokens'),
  INSTANCE_SERVICE_KEY_EXPIRATION: accepted(positive, 120, 'life of such a key (min)'),
  INSTANCE_SERVICE_KEY_REFRESH: accepted(positive, 55, 'how often it is renewed (min)'),
  UNAPPROVED_SERVICE_KEY_TTL_SEC: used(count, 86_400, 'removal of service keys that nobody approved (s)'),
  EXPIRED_SERVICE_KEY_TTL_SEC: used(count, 604_800, 'removal of expired service keys (s)'),
});

export const health = section('Health, metrics, tracing', {
  HEALTH_CHECKER: accepted(anything, ['LocalHealthCheck', {}], 'kind of health check and its parameters'),
  HEALTH_CHECKER_INSTANCE_CHECK_PREFERRED_STORAGE: used(flag, undefined, 'the instance check tries the storage too'),
  DISKSPACE_HEALTH_THRESHOLD: used(number({ min: 0, max: 1 }), 0.01, 'free share of the disk below which health fails'),
  DISKSPACE_HEALTH_WARNING_THRESHOLD: used(
    number({ min: 0, max: 1 }),
    0.1,
    'free share of the disk that is warned about',
  ),
  ENABLE_HEALTH_DEBUG_SECRET: used(
    secret(text),
    undefined,
    '`GET /health/enabledebug/<secret>` shows details of health',
  ),
  PROMETHEUS_NAMESPACE: used(metricPrefix, 'quay', 'prefix of the names of metrics'),
  PROMETHEUS_PUSHGATEWAY_URL: accepted(
    text,
    'http://localhost:9091',
    'where Quay pushes its metrics; here they are fetched',
  ),
  GLOBAL_PROMETHEUS_STATS_FREQUENCY: accepted(positive, 3600, 'how often totals are counted (s)'),
  TRACKED_NAMESPACES: accepted(either(list(text), anything), [], 'namespaces that are labels of metrics'),
  FEATURE_OTEL_TRACING: accepted(flag, false, 'export of traces'),
  OTEL_CONFIG: accepted(secret(anything), undefined, 'where traces go, and how many'),
  OTEL_TRACING_EXCLUDED_URLS: accepted(text, undefined, 'requests that are not traced'),
});
