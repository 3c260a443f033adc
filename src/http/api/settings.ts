import type { ModelCardRule } from '../../domain/manifest/modelCard.js';
import type { AvatarOf } from './shared/avatars.js';

/** Switches of the configuration that change what the API serves; without `FEATURE_`. */
export type ApiFeature =
  | 'ANONYMOUS_ACCESS'
  | 'APP_SPECIFIC_TOKENS'
  | 'ASSIGN_OAUTH_TOKEN'
  | 'BLACKLISTED_EMAILS'
  | 'CHANGE_TAG_EXPIRATION'
  | 'DIRECT_LOGIN'
  | 'EXTENDED_REPOSITORY_NAMES'
  | 'IMMUTABLE_TAGS'
  | 'INVITE_ONLY_USER_CREATION'
  | 'MAILING'
  | 'ORG_SHARED_EMAIL'
  | 'PARTIAL_USER_AUTOCOMPLETE'
  | 'PROGRAMMATIC_BOOTSTRAP'
  | 'REPO_MIRROR'
  | 'REQUIRE_TEAM_INVITE'
  | 'RESTRICTED_USERS'
  | 'SPARSE_INDEX'
  | 'SUPERUSER_CONFIGDUMP'
  | 'SUPERUSERS_ORG_CREATION_ONLY'
  | 'SUPER_USERS'
  | 'USER_CREATION'
  | 'USER_METADATA'
  | 'USER_RENAME'
  | 'USERNAME_CONFIRMATION';

/** What can be switched or set about the API (contract: config). A module adds the settings that it needs. */
export type ApiSettings = {
  readonly isOn: (feature: ApiFeature) => boolean;
  /** Scheme and host of the server, without a slash at the end: links are made of it. */
  readonly root: string;
  /** SERVER_HOSTNAME */
  readonly hostname: string;
  /** PREFERRED_URL_SCHEME */
  readonly scheme: string;
  /** MAIL_DEFAULT_SENDER */
  readonly contact: string;
  /** How long before its end a token for applications counts as expiring (contract: accounts §3). */
  readonly appTokenExpiringSeconds: number;
  /** How long an expired one is still listed; null: for ever (EXPIRED_APP_SPECIFIC_TOKEN_GC). */
  readonly appTokenKeptSeconds: number | null;
  /** SETUP_COMPLETE */
  readonly setupComplete: boolean;
  /** REGISTRY_STATE: readonly */
  readonly readOnly: boolean;
  readonly avatarOf: AvatarOf;
  /** TAG_EXPIRATION_OPTIONS, in seconds */
  readonly tagExpirationSeconds: readonly number[];
  /** PERMANENTLY_DELETE_TAGS */
  readonly permanentlyDeletesTags: boolean;
  /** Where artifacts that are models have their description; null while FEATURE_UI_MODELCARD is off. */
  readonly modelCard: ModelCardRule | null;
  /** DEFAULT_TAG_EXPIRATION: the window of a new namespace's time machine */
  readonly timeMachineSeconds: number;
  /** SEARCH_RESULTS_PER_PAGE, SEARCH_MAX_RESULT_PAGE_COUNT */
  readonly search: { readonly pageSize: number; readonly pages: number };
  readonly people: PeopleSettings;
  readonly bus: BusSettings;
};

/** Where others hear of events. */
export type BusSettings = {
  /** KAFKA_TOPIC_PREFIX */
  readonly topicPrefix: string;
  /** KAFKA_PARTITIONS */
  readonly partitions: number;
  /** EVENT_BUS: kafka; null: nowhere. */
  readonly kafka: {
    /** KAFKA_TLS */
    readonly secure: boolean;
    /** KAFKA_SASL_MECHANISM */
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | null;
  } | null;
};

/** What is set about people. */
export type PeopleSettings = {
  /** AUTHENTICATION_TYPE: Database */
  readonly ownPasswords: boolean;
  /** AUTHENTICATION_TYPE: AppToken */
  readonly ownTokens: boolean;
  /** SUPER_USERS and GLOBAL_READONLY_SUPER_USERS: names that give rights, which nobody may take for himself. */
  readonly reservedNames: ReadonlySet<string>;
  /** PUBLIC_NAMESPACES */
  readonly publicNamespaces: readonly string[];
  /** BLACKLISTED_EMAIL_DOMAINS, in lower case */
  readonly blockedDomains: ReadonlySet<string>;
  /** RECAPTCHA_WHITELISTED_USERS */
  readonly trustedAsHuman: ReadonlySet<string>;
};
