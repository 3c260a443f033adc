import type { LoginService } from './loginServices.js';
import type { Feature, Settings } from './schema.js';
import type { Environment } from './sources.js';

/** What is known beside the values of the keys. */
export type Context = {
  /** Where `ssl.cert`, `ssl.key`, `extra_ca_certs/` and the like are looked for; it need not exist. */
  readonly folder: string;
  /** Who gave each key that is not at its default: a file's name or an environment variable. */
  readonly given: ReadonlyMap<string, string>;
  /** Keys that nobody knows, as they were given. Treat as sensitive. */
  readonly unknown: ReadonlyMap<string, unknown>;
  readonly loginServices: readonly LoginService[];
  /** Every switch, without `FEATURE_`, also those that only the configuration knows. */
  readonly features: ReadonlyMap<string, boolean>;
  /** As the process got it. Treat as sensitive. */
  readonly environment: Environment;
};

/** The effective configuration: `config.SERVER_HOSTNAME`, `config.isOn('ANONYMOUS_ACCESS')`. */
export type Config = Settings &
  Context & {
    isOn(feature: Feature): boolean;
  };

export const configOf = (settings: Settings, context: Context): Config =>
  Object.freeze({
    ...settings,
    ...context,
    isOn: (feature: Feature) => context.features.get(feature) ?? false,
  });
