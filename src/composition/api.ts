import type { Router } from 'express';
import { TOKEN_LOOKUP } from '../commands/applications.js';
import { everybody } from '../adapters/captcha/everybody.js';
import { Recaptcha } from '../adapters/captcha/recaptcha.js';
import type { Config } from '../config/config.js';
import type { Api, Instance } from '../http/api/api.js';
import { allEndpoints } from '../http/api/endpoints.js';
import { PageTokens } from '../http/api/framework/pageTokens.js';
import { apiRouter } from '../http/api/framework/router.js';
import { rulesOver } from '../http/api/framework/rules.js';
import { LastModified } from '../http/api/repository/lastModified.js';
import type { ApiSettings } from '../http/api/settings.js';
import { avatars } from '../http/api/shared/avatars.js';
import { People } from '../http/api/shared/people.js';
import { Portraits } from '../http/api/shared/portraits.js';
import { Authentication, type SignedIn } from '../http/auth/authentication.js';
import { Sessions } from '../http/auth/sessions.js';
import type { ClientAddress } from '../http/clientAddress.js';
import { oauthRoutes } from '../http/oauth/routes.js';
import { accountLinkRoutes } from '../http/web/accountLinks.js';
import { csrfRoutes } from '../http/web/csrf.js';
import type { CredentialRef } from '../domain/shared/envelope.js';
import type { Position } from '../domain/shared/ids.js';
import type { Captcha } from '../ports/captcha.js';
import type { KeyStore } from '../ports/keyStore.js';
import type { Mailer } from '../ports/mailer.js';
import type { Identity } from '../projections/identities.js';
import type { Log } from '../telemetry/log.js';
import type { Core } from './core.js';
import { siteOf } from './mail.js';
import { openRobotFederation } from './robotFederation.js';
import type { OpenRegistry } from './registry.js';

export type ApiOptions = {
  readonly config: Config;
  readonly core: Core;
  readonly keys: KeyStore;
  /** This process alone uses the stores. */
  readonly sole: boolean;
  readonly registry: OpenRegistry;
  readonly mailer: Mailer;
  readonly instance: Instance;
  readonly addressOf: ClientAddress;
  readonly log: Log;
  readonly reached: (position: Position) => Promise<void>;
  readonly record: (operation: string, method: string, status: number, seconds: number) => void;
};

export type OpenedApi = {
  readonly routers: readonly Router[];
  /** By which other routes know who asks. */
  readonly authentication: Authentication;
  readonly sessions: Sessions;
};

/** The management API and the web routes that share its sessions. */
export async function openApi(options: ApiOptions): Promise<OpenedApi> {
  const { config, core, keys, registry, mailer, instance, addressOf, log, reached, record } = options;
  const { clock, ids, sealing, commands, queries, lastUses } = core;
  const { directory, identities, credentials, encrypted } = registry;
  const settings = settingsOf(config);
  const sessions = new Sessions({
    key: await keys.ensure('instance:sessions'),
    lifetimeSeconds: config.SESSION_TIMEOUT.seconds,
    permanent: config.isOn('PERMANENT_SESSIONS'),
    secure: config.PREFERRED_URL_SCHEME === 'https' && !config.FORCE_NONSECURE_SESSION_COOKIE,
    now: Date.now,
  });
  const used = (found: SignedIn | undefined): SignedIn | undefined => {
    if (found) lastUses.note(found.credential);
    return found;
  };
  const authentication = new Authentication(sessions, {
    bearer: async (token) => {
      const found = await queries.applications.tokenByLookup(await sealing.lookup(TOKEN_LOOKUP, token));
      const credential = found && ({ kind: 'oauth-token', id: found.id } as const);
      return credential && used(signedIn(credential, await identities.of(credential)));
    },
    session: async (id, generation) => {
      const identity = await identities.of({ kind: 'session', id });
      return identity?.generation === generation ? used(signedIn({ kind: 'session', id }, identity)) : undefined;
    },
  });
  const portraits = new Portraits(settings.avatarOf, sealing);
  const lastModified = new LastModified(queries.tagListing, options.sole);
  core.readModels.onApplied((events) => {
    lastModified.applied(events);
  });
  const api: Api = {
    ...{ settings, clock, ids, lastUses, directory, identities, sealing, credentials, encrypted, commands, queries },
    ...{ mailer, instance, site: siteOf(config) },
    ...{ contents: core.contents, manifestReads: registry.manifestReads, lastModified },
    captcha: captchaOf(config, log),
    background: (what, work) => {
      work.catch((error: unknown) => {
        log.error({ err: error, what }, 'background work failed');
      });
    },
    rules: rulesOver(directory),
    portraits,
    people: new People(queries, portraits),
    pageTokens: new PageTokens(await keys.ensure('instance:page-tokens')),
  };
  const router = apiRouter({
    endpoints: allEndpoints(api),
    ...{ authentication, sessions, ids, addressOf, log },
    freshMilliseconds: config.FRESH_LOGIN_TIMEOUT.seconds * 1000,
    now: () => clock.now(),
    root: settings.root,
    origins: [config.CORS_ORIGIN].flat(),
    xhrOnly: config.BROWSER_API_CALLS_XHR_ONLY,
    anonymousAccess: config.isOn('ANONYMOUS_ACCESS'),
    readOnly: config.REGISTRY_STATE === 'readonly',
    position: () => core.readModels.position,
    // Its form was checked when it was read from the header.
    reached: (position) => reached(position as Position),
    record: ({ operation, method }, status, seconds) => {
      record(operation, method, status, seconds);
    },
  });
  const oauth = oauthRoutes({
    ...{ authentication, sessions, credentials, identities, ids, addressOf, clock },
    ...{ sealing, directory, commands, queries, log },
    ...{ portraits: api.portraits, root: settings.root },
    assignable: config.isOn('ASSIGN_OAUTH_TOKEN'),
    direct: new Set(config.DIRECT_OAUTH_CLIENTID_WHITELIST),
    readOnly: config.REGISTRY_STATE === 'readonly',
  });
  const federation = await openRobotFederation({ config, core, registry, addressOf });
  const links = accountLinkRoutes({
    ...{ settings, commands, mailer, site: api.site, sessions, authentication, ids, addressOf },
    ...{ codes: commands.accountCodes, accounts: queries.accounts, portraits: api.portraits },
    title: config.REGISTRY_TITLE,
  });
  return {
    routers: [csrfRoutes(sessions, [config.CORS_ORIGIN].flat()), links, oauth, federation, router],
    ...{ authentication, sessions },
  };
}

const signedIn = (credential: CredentialRef, identity: Identity | undefined): SignedIn | undefined =>
  identity && {
    ...{ subject: identity.subject, scopes: identity.scopes, credential },
    hasPassword: (identity.account?.passwordHash ?? null) !== null,
  };

const FOUR_WEEKS = 28 * 86_400;

const captchaOf = (config: Config, log: Log): Captcha =>
  config.isOn('RECAPTCHA') && config.RECAPTCHA_SECRET_KEY !== undefined
    ? new Recaptcha({ secret: config.RECAPTCHA_SECRET_KEY, log })
    : everybody;

const settingsOf = (config: Config): ApiSettings => ({
  isOn: (feature) => config.isOn(feature),
  root: `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`,
  hostname: config.SERVER_HOSTNAME,
  scheme: config.PREFERRED_URL_SCHEME,
  contact: config.MAIL_DEFAULT_SENDER,
  appTokenKeptSeconds: config.EXPIRED_APP_SPECIFIC_TOKEN_GC?.seconds ?? null,
  appTokenExpiringSeconds: Math.ceil((config.APP_SPECIFIC_TOKEN_EXPIRATION?.seconds ?? FOUR_WEEKS) / 10) || 1,
  setupComplete: config.SETUP_COMPLETE,
  readOnly: config.REGISTRY_STATE === 'readonly',
  avatarOf: avatars(config.AVATAR_KIND),
  permanentlyDeletesTags: config.PERMANENTLY_DELETE_TAGS,
  modelCard: config.isOn('UI_MODELCARD')
    ? {
        artifactType: config.UI_MODELCARD_ARTIFACT_TYPE,
        annotations: config.UI_MODELCARD_ANNOTATION,
        layerAnnotations: config.UI_MODELCARD_LAYER_ANNOTATION,
      }
    : null,
  tagExpirationSeconds: config.TAG_EXPIRATION_OPTIONS.map(({ seconds }) => seconds),
  timeMachineSeconds: config.DEFAULT_TAG_EXPIRATION.seconds,
  bus: {
    topicPrefix: config.KAFKA_TOPIC_PREFIX,
    partitions: config.KAFKA_PARTITIONS,
    kafka:
      config.EVENT_BUS === 'kafka'
        ? { secure: config.KAFKA_TLS, mechanism: config.KAFKA_SASL_MECHANISM ?? null }
        : null,
  },
  search: { pageSize: config.SEARCH_RESULTS_PER_PAGE, pages: config.SEARCH_MAX_RESULT_PAGE_COUNT },
  people: {
    ownPasswords: config.AUTHENTICATION_TYPE === 'Database',
    ownTokens: config.AUTHENTICATION_TYPE === 'AppToken',
    reservedNames: new Set([...config.SUPER_USERS, ...config.GLOBAL_READONLY_SUPER_USERS]),
    publicNamespaces: config.PUBLIC_NAMESPACES,
    blockedDomains: new Set(config.BLACKLISTED_EMAIL_DOMAINS.map((domain) => domain.toLowerCase())),
    trustedAsHuman: new Set(config.RECAPTCHA_WHITELISTED_USERS),
  },
});
