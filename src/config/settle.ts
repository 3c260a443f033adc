import { join, resolve } from 'node:path';
import type { ConfigKey, Settings } from './schema.js';
import type { StorageLocation } from './types/storage.js';

/** Defaults that depend on other keys, as the reference tells them. */
export const dependentDefaults: Readonly<Partial<Record<ConfigKey, string>>> = {
  SERVER_HOSTNAME: '`localhost:<HTTP_PORT>`',
  HTTP_HOST: '`0.0.0.0`; `::` unless `FEATURE_LISTEN_IP_VERSION` is `IPv4`',
  DISTRIBUTED_STORAGE_CONFIG: '`LocalStorage` in `<DATA_PATH>/blobs`',
  DISTRIBUTED_STORAGE_PREFERENCE: 'all ids, in order',
  USERFILES_LOCATION: 'the first storage',
  LOG_ARCHIVE_LOCATION: 'the first storage',
  ACTION_LOG_ARCHIVE_LOCATION: 'the first storage',
};

function atHome(location: StorageLocation, cwd: string): StorageLocation {
  if (location.driver === 'LocalStorage') {
    return { ...location, parameters: { storage_path: resolve(cwd, location.parameters.storage_path) } };
  }
  if (location.driver === 'GoogleCloudStorage' && location.parameters.service_account_file !== undefined) {
    const service_account_file = resolve(cwd, location.parameters.service_account_file);
    return { ...location, parameters: { ...location.parameters, service_account_file } };
  }
  return location;
}

/**
 * Replaces defaults that depend on other keys, and makes paths absolute.
 *
 * @param isGiven whether somebody gave the key
 * @param cwd what relative paths are relative to
 */
export function settle(settings: Settings, isGiven: (key: ConfigKey) => boolean, cwd: string): Settings {
  const dataPath = resolve(cwd, settings.DATA_PATH);
  const isHttps = settings.PREFERRED_URL_SCHEME === 'https';
  const anyAddress = settings.FEATURE_LISTEN_IP_VERSION === 'IPv4' ? '0.0.0.0' : '::';
  const locations: readonly StorageLocation[] = isGiven('DISTRIBUTED_STORAGE_CONFIG')
    ? settings.DISTRIBUTED_STORAGE_CONFIG.map((location) => atHome(location, cwd))
    : [{ id: 'default', driver: 'LocalStorage', parameters: { storage_path: join(dataPath, 'blobs') } }];
  const preference = isGiven('DISTRIBUTED_STORAGE_PREFERENCE')
    ? settings.DISTRIBUTED_STORAGE_PREFERENCE
    : locations.map(({ id }) => id);
  const first = preference.find((preferred) => locations.some(({ id }) => id === preferred));
  return {
    ...settings,
    DATA_PATH: dataPath,
    MASTER_KEY_FILE: settings.MASTER_KEY_FILE === undefined ? undefined : resolve(cwd, settings.MASTER_KEY_FILE),
    HTTP_HOST: isGiven('HTTP_HOST') ? settings.HTTP_HOST : anyAddress,
    SERVER_HOSTNAME: isGiven('SERVER_HOSTNAME') ? settings.SERVER_HOSTNAME : `localhost:${settings.HTTP_PORT}`,
    SESSION_COOKIE_SECURE: settings.SESSION_COOKIE_SECURE || (isHttps && !settings.FORCE_NONSECURE_SESSION_COOKIE),
    DISTRIBUTED_STORAGE_CONFIG: locations,
    DISTRIBUTED_STORAGE_PREFERENCE: preference,
    USERFILES_LOCATION: settings.USERFILES_LOCATION ?? first,
    LOG_ARCHIVE_LOCATION: settings.LOG_ARCHIVE_LOCATION ?? first,
    ACTION_LOG_ARCHIVE_LOCATION: settings.ACTION_LOG_ARCHIVE_LOCATION ?? first,
  };
}
