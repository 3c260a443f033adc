import type { Config } from '../config/config.js';
import { ConfigInvalid } from '../config/errors.js';
import { loadConfig } from '../config/load.js';

/** The configuration in a file, and nothing else: the environment belongs to this installation. @throws ConfigInvalid */
export function settingsIn(file: string): Config {
  try {
    const { config, warnings } = loadConfig({ TIDEMARK_CONFIG: file }, process.cwd());
    for (const line of warnings) process.stderr.write(`config: ${file}: ${line}\n`);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigInvalid)) throw error;
    const inFile = (line: string): string => `${file}: ${line}`;
    throw new ConfigInvalid(error.problems.map(inFile), error.warnings.map(inFile));
  }
}

/**
 * The configuration of a command; what an administrator should look at goes to the standard error.
 *
 * @param given on the command line: stronger than the environment
 * @throws ConfigInvalid
 */
export function settings(given: NodeJS.ProcessEnv = {}): Config {
  const { config, warnings } = loadConfig({ ...process.env, ...given }, process.cwd());
  for (const line of warnings) process.stderr.write(`config: ${line}\n`);
  return config;
}
