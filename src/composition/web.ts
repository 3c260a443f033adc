import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Router } from 'express';
import type { Config } from '../config/config.js';
import { may } from '../domain/access.js';
import type { Authentication } from '../http/auth/authentication.js';
import { healthRoutes, type HealthChecks } from '../http/ops/health.js';
import type { Registry } from '../http/v2/registry.js';
import { apiDocsRoutes } from '../http/web/apiDocs.js';
import { configRoutes } from '../http/web/config.js';
import { pageRoutes } from '../http/web/pages.js';
import { shortLinkRoutes } from '../http/web/shortLinks.js';
import { wellKnownRoutes } from '../http/web/wellKnown.js';
import { bySession, bySessionOrPassword } from '../http/web/whoAsks.js';
import { webConfigOf } from './webConfig.js';

export type WebOptions = {
  readonly config: Config;
  readonly registry: Registry;
  readonly authentication: Authentication;
  readonly checks: HealthChecks;
};

/** What is served beside the API and the registry protocol; the short links come after everything else. */
export function webRoutes({ config, registry, authentication, checks }: WebOptions): readonly Router[] {
  const { credentials, directory, identities, tokens } = registry;
  const root = `${config.PREFERRED_URL_SCHEME}://${config.SERVER_HOSTNAME}`;
  const title = config.REGISTRY_TITLE;
  const watcher = bySessionOrPassword({ authentication, credentials, identities });
  return [
    healthRoutes({
      checks,
      isTrusted: async (request) => may(await watcher(request), { on: 'instance', to: 'inspect' }, directory.policy),
      about: {
        notes: notesOf(config),
        is_testing: config.TESTING,
        config_provider: config.given.size > 0 ? 'file' : 'default',
        local_service_key_id: tokens.publicKey.kid ?? '',
        hostname: hostname(),
      },
      debugSecret: config.ENABLE_HEALTH_DEBUG_SECRET,
      secureCookies: config.PREFERRED_URL_SCHEME === 'https' && !config.FORCE_NONSECURE_SESSION_COOKIE,
    }),
    configRoutes(webConfigOf(config, versionOf()), [config.CORS_ORIGIN].flat()),
    wellKnownRoutes(root, title),
    apiDocsRoutes(),
    pageRoutes(title),
    shortLinkRoutes({ directory, subjectOf: bySession({ authentication }), title }),
  ];
}

function notesOf(config: Config): string[] {
  const notes: string[] = [];
  if (config.REGISTRY_STATE === 'readonly') notes.push('The registry is read-only.');
  if (config.DISABLE_PUSHES) notes.push('Pushes are disabled.');
  if (config.ACCOUNT_RECOVERY_MODE) notes.push('Only accounts of administrators can be recovered.');
  return notes;
}

/** Of this program, as its package says. */
function versionOf(): string {
  const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  const [, version = ''] = /"version": "([^"]+)"/.exec(text) ?? [];
  return version;
}
