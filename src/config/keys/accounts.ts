import { accepted, section, used } from '../key.js';
import { list } from '../types/collections.js';
import { duration } from '../types/quantities.js';
import { count, flag, nullable, positive, secret, text } from '../types/scalars.js';

const SCOPES = 'absent: all scopes';

export const superusers = section('Superusers and restricted users', {
  SUPER_USERS: used(list(text), [], 'user names; nobody can take them by sign-up or rename'),
  GLOBAL_READONLY_SUPER_USERS: used(list(text), [], 'may read everything; wins over `SUPER_USERS`'),
  FEATURE_SUPER_USERS: used(flag, true, 'the superuser API and panel exist'),
  FEATURE_SUPERUSERS_FULL_ACCESS: used(flag, false, 'superusers act as administrators everywhere'),
  FEATURE_SUPERUSERS_ORG_CREATION_ONLY: accepted(flag, false, 'only superusers create organizations'),
  FEATURE_SUPERUSER_CONFIGDUMP: used(flag, false, 'superusers may see the configuration'),
  FEATURE_RESTRICTED_USERS: used(flag, false, 'restricted users create nothing in their own namespace'),
  RESTRICTED_USERS_WHITELIST: used(list(text), undefined, 'users who are not restricted; absent: none'),
  RESTRICTED_USER_INCLUDE_ROBOTS: accepted(flag, true, 'robots always follow their owner'),
});

export const accounts = section('Users and sign-up', {
  FEATURE_USER_CREATION: used(flag, true, 'people may sign up'),
  FEATURE_INVITE_ONLY_USER_CREATION: used(flag, false, 'sign-up needs an invitation to a team'),
  FEATURE_USER_INITIALIZE: used(flag, false, 'the first user may be made by the API while there is none'),
  FEATURE_USER_RENAME: used(flag, false, 'users may rename themselves'),
  FEATURE_USERNAME_CONFIRMATION: accepted(flag, true, 'users confirm a user name that was generated for them'),
  FEATURE_USER_METADATA: used(flag, false, 'further fields in profiles'),
  FEATURE_USER_LAST_ACCESSED: used(flag, true, 'when users were last seen is kept'),
  LAST_ACCESSED_UPDATE_THRESHOLD_S: used(count, 60, 'how exactly (s)'),
  OAUTH_TOKEN_LAST_ACCESSED_UPDATE_THRESHOLD_S: used(count, 60, 'how exactly the last use of a token is kept (s)'),
  FEATURE_PARTIAL_USER_AUTOCOMPLETE: used(flag, true, 'users are found by the beginning of their name'),
  FEATURE_ANONYMOUS_ACCESS: used(flag, true, 'public content needs no sign-in'),
  FEATURE_DIRECT_LOGIN: used(flag, true, 'sign-in by name and password in the web UI'),
  FEATURE_REQUIRE_ENCRYPTED_BASIC_AUTH: used(flag, false, 'clients may not use the plain password'),
  FEATURE_REQUIRE_TEAM_INVITE: accepted(flag, true, 'users must accept a membership'),
  FEATURE_ORG_SHARED_EMAIL: accepted(flag, false, "an organization may have a user's e-mail address"),
  FEATURE_BLACKLISTED_EMAILS: used(flag, false, 'sign-up is refused by domain'),
  BLACKLISTED_EMAIL_DOMAINS: used(list(text), [], 'those domains'),
  FEATURE_RECAPTCHA: used(flag, false, 'captcha at sign-up and recovery'),
  RECAPTCHA_SITE_KEY: used(text, undefined, 'its site key'),
  RECAPTCHA_SECRET_KEY: used(secret(text), undefined, 'its secret key'),
  RECAPTCHA_WHITELISTED_USERS: used(list(text), [], 'users without captcha'),
  USER_RECOVERY_TOKEN_LIFETIME: used(duration, '30m', 'life of a recovery link'),
  FEATURE_SPAM_DETECTION: accepted(flag, false, 'filter of repository descriptions'),
  SPAM_DETECTION_DRY_RUN: accepted(flag, true, 'the filter only reports'),
  SPAM_DETECTION_FAIL_OPEN: accepted(flag, true, 'a failing filter lets pass'),
  SPAM_DETECTION_CLASSIFIER_PATH: accepted(text, '/conf/spam-detection/classifier.json', 'its classifier'),
  SPAM_DETECTION_CLASSIFIER_VERSION: accepted(text, undefined, 'version of the classifier'),
  SPAM_DETECTION_CLASSIFIER_SHA256: accepted(text, undefined, 'digest of the classifier'),
});

export const credentials = section('Robots, tokens, applications, teams', {
  ROBOTS_DISALLOW: used(flag, false, 'robots are neither made nor let in'),
  ROBOTS_WHITELIST: used(list(text), [], 'robots that are nevertheless'),
  FEATURE_APP_SPECIFIC_TOKENS: used(flag, true, 'users may make tokens for applications'),
  APP_SPECIFIC_TOKEN_EXPIRATION: used(nullable(duration), null, 'life of such a token; null: for ever'),
  EXPIRED_APP_SPECIFIC_TOKEN_GC: used(nullable(duration), '1d', 'when expired ones are removed; null: never'),
  FEATURE_ASSIGN_OAUTH_TOKEN: used(flag, true, "an organization's administrators may make a token for another user"),
  OAUTH_APPLICATION_MAXIMUM_TOKEN_COUNT: used(
    nullable(positive),
    null,
    'live tokens per application; null: any number',
  ),
  DIRECT_OAUTH_CLIENTID_WHITELIST: used(list(text), [], 'applications that need no approval'),
  FEATURE_TEAM_SYNCING: accepted(flag, false, 'teams follow groups of a directory'),
  TEAM_RESYNC_STALE_TIME: accepted(duration, '30m', 'age at which a team is read again'),
  TEAM_SYNC_WORKER_FREQUENCY: accepted(positive, 60, 'how often such teams are looked for (s)'),
  FEATURE_NONSUPERUSER_TEAM_SYNCING_SETUP: accepted(flag, false, "an organization's administrators may set it up"),
  FEATURE_PROGRAMMATIC_BOOTSTRAP: used(flag, false, 'makes a token at the start'),
  BOOTSTRAP_TOKEN_OWNER: used(text, undefined, 'its owner, one of `SUPER_USERS`'),
  BOOTSTRAP_TOKEN_PATH: used(text, '/var/lib/quay/quay-machine-token.json', 'the file that it is written to'),
  BOOTSTRAP_TOKEN_EXPIRATION: used(positive, 3600, 'its life (s)'),
  BOOTSTRAP_TOKEN_SCOPE: used(text, undefined, SCOPES),
  PROGRAMMATIC_TOKEN_PATH: accepted(text, undefined, 'file of the token that is made at runtime'),
  PROGRAMMATIC_TOKEN_K8S_SECRET: accepted(text, undefined, 'Kubernetes secret that it is written to'),
  PROGRAMMATIC_TOKEN_K8S_KEY: accepted(text, 'token.json', 'member of that secret'),
  PROGRAMMATIC_TOKEN_K8S_NAMESPACE: accepted(text, undefined, 'Kubernetes namespace of that secret'),
});
