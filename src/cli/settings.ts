import type { Config } from '../config/config.js';
import { loadConfig } from '../config/load.js';

/** The configuration of a command; what an administrator should look at goes to the standard error. @throws ConfigInvalid */
export function settings(): Config {
  const { config, warnings } = loadConfig(process.env, process.cwd());
  for (const line of warnings) process.stderr.write(`config: ${line}\n`);
  return config;
}
