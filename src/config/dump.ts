import { isJsonObject, type Json, type JsonObject } from '../domain/shared/json.js';
import type { Config } from './config.js';
import { configKeys, isConfigKey, keys, type ConfigKey } from './schema.js';

/** The configuration as superusers may see it (contract: superuser §7). */
export type ConfigDump = {
  /** The effective value of every known key that has one. */
  readonly config: JsonObject;
  /** Keys that nobody knows. */
  readonly warning: JsonObject;
  readonly env: JsonObject;
  readonly schema: JsonObject;
};

/** Names of secrets, in the configuration and inside its mappings. */
const SECRET = /(?:PASSWORD|PASSWD|SECRET|DB_URI|(?:^|_)(?:KEY|TOKEN|PSK|CREDENTIALS))$/i;

/** Secrets are shown by their length: enough to see that one is set, and whether it is the one that was meant. */
const masked = (text: string): string => `${'*'.repeat(Math.min(10, text.length))} (${text.length})`;

export function dumpOf(config: Config): ConfigDump {
  const known = configKeys
    .filter((key) => config[key] !== undefined)
    .map((key): [string, Json] => [key, shown(written(config, key), isSecretText(key, config[key]))]);
  const services = config.loginServices.map(({ key, settings }): [string, Json] => [key, shown(settings, false)]);
  const unknown = [...config.unknown].map(([key, value]): [string, Json] => [key, shown(value, SECRET.test(key))]);
  return {
    config: Object.fromEntries([...known, ...services]),
    warning: Object.fromEntries(unknown),
    env: environmentOf(config),
    schema: { type: 'object', properties: Object.fromEntries(configKeys.map((key) => [key, described(key)])) },
  };
}

/** In a mapping the names of its members decide. */
const isSecretText = (key: ConfigKey, value: unknown): boolean =>
  SECRET.test(key) || (keys[key].type.secret && typeof value === 'string');

/** The one key whose value is kept in another form than it is written in. */
const written = (config: Config, key: ConfigKey): unknown =>
  key === 'DISTRIBUTED_STORAGE_CONFIG'
    ? Object.fromEntries(config[key].map(({ id, driver, parameters }) => [id, [driver, parameters]]))
    : config[key];

const PREFIX = 'TIDEMARK_';
const OVERRIDE = 'QUAY_OVERRIDE_CONFIG';

/** Variables that hold our own secrets are masked, unlike Quay's: with the master key, everything could be opened. */
function environmentOf({ environment }: Config): JsonObject {
  const shownOf = (name: string, value: string): string => {
    const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
    const isSecret = name === OVERRIDE || (isConfigKey(key) ? keys[key].type.secret || SECRET.test(key) : false);
    return isSecret ? masked(value) : value;
  };
  const given = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, shownOf(name, value)]],
  );
  return Object.fromEntries(given);
}

/** As it could be written in a file: durations and sizes as their text. */
function shown(value: unknown, isSecret: boolean): Json {
  if (typeof value === 'string') return isSecret ? masked(value) : value;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (value instanceof RegExp) return value.source;
  if (Array.isArray(value)) return value.map((each) => shown(each, isSecret));
  if (!isJsonObject(value)) return null;
  if (typeof value['text'] === 'string' && ('seconds' in value || 'bytes' in value)) return value['text'];
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, shown(member, isSecret || SECRET.test(name))]));
}

const JSON_TYPES = new Set(['boolean', 'integer', 'number']);

function described(key: ConfigKey): JsonObject {
  const { type, about } = keys[key];
  if (JSON_TYPES.has(type.name)) return { type: type.name, description: about };
  return type.name === 'text' ? { type: 'string', description: about } : { description: about, 'x-type': type.name };
}
