import type { Key, Keys, Section } from './key.js';
import { accounts, credentials, superusers } from './keys/accounts.js';
import { authentication, ldap } from './keys/authentication.js';
import { engines } from './keys/engines.js';
import { logs } from './keys/logs.js';
import { mail } from './keys/mail.js';
import { mirroring } from './keys/mirroring.js';
import { builds, notifications } from './keys/notifications.js';
import { quayProcess } from './keys/quayProcess.js';
import { quota } from './keys/quota.js';
import { registry } from './keys/registry.js';
import { scanner } from './keys/scanner.js';
import { health, server, sessions } from './keys/server.js';
import { storage } from './keys/storage.js';
import { tidemark } from './keys/tidemark.js';
import { autoPrune, timeMachine } from './keys/timeMachine.js';
import { hosted, ui } from './keys/ui.js';

/** In the order of the reference. */
export const sections: readonly Section[] = [
  tidemark,
  engines,
  server,
  sessions,
  health,
  superusers,
  accounts,
  credentials,
  authentication,
  ldap,
  registry,
  timeMachine,
  autoPrune,
  storage,
  quota,
  mirroring,
  scanner,
  logs,
  mail,
  notifications,
  builds,
  ui,
  hosted,
  quayProcess,
];

/** Every key that is known by its whole name. */
export const keys = {
  ...tidemark.keys,
  ...engines.keys,
  ...server.keys,
  ...sessions.keys,
  ...health.keys,
  ...superusers.keys,
  ...accounts.keys,
  ...credentials.keys,
  ...authentication.keys,
  ...ldap.keys,
  ...registry.keys,
  ...timeMachine.keys,
  ...autoPrune.keys,
  ...storage.keys,
  ...quota.keys,
  ...mirroring.keys,
  ...scanner.keys,
  ...logs.keys,
  ...mail.keys,
  ...notifications.keys,
  ...builds.keys,
  ...ui.keys,
  ...hosted.keys,
  ...quayProcess.keys,
} as const satisfies Keys;

export type ConfigKey = keyof typeof keys;

type ValueOf<Declared> = Declared extends Key<infer Value> ? Value : never;

/** The effective value of every key. */
export type Settings = { readonly [Name in ConfigKey]: ValueOf<(typeof keys)[Name]> };

/** The switches: `USER_CREATION` for `FEATURE_USER_CREATION`. */
export type Feature = {
  [Name in ConfigKey]: Name extends `FEATURE_${infer Switch}`
    ? Settings[Name] extends boolean
      ? Switch
      : never
    : never;
}[ConfigKey];

export const isConfigKey = (name: string): name is ConfigKey => Object.hasOwn(keys, name);

export const configKeys: readonly ConfigKey[] = Object.keys(keys).filter(isConfigKey);
