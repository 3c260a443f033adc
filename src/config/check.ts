import type { ConfigKey, Settings } from './schema.js';
import type { LoginService } from './loginServices.js';

/** What a check may know beside the values of the keys. */
export type Facts = {
  readonly loginServices: readonly LoginService[];
  /** Whether a file lies beside the configuration file. */
  readonly hasFile: (name: string) => boolean;
};

/** A rule over several keys. It is left out if one of its keys could not be read, since that was said already. */
export type Check = {
  /** The first one is named as the place of the problem. */
  readonly keys: readonly [ConfigKey, ...ConfigKey[]];
  /** What is wrong and what would be right; undefined if nothing is. */
  readonly problem: (settings: Settings, facts: Facts) => string | undefined;
};

export const check = (keys: Check['keys'], problem: Check['problem']): Check => ({ keys, problem });
