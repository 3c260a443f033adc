import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import type { Environment } from '../config/sources.js';
import type { Log } from '../telemetry/log.js';

/** Printed once, to the console and not to the log, which others may read. */
export function announceSetup(log: Log, config: Config, url: string, secret: string): void {
  log.warn('the registry is empty: make its first administrator with the command on the console');
  process.stderr.write(
    [
      '',
      'This registry has no account yet. Make the first administrator, either here:',
      '',
      `  ${firstAdministratorCommand(config, process.env, process.cwd())}`,
      '',
      'or from anywhere that reaches it, with this secret, which works once:',
      '',
      `  curl -X POST ${url}/api/v1/user/initialize -H 'Content-Type: application/json' \\`,
      `    -H 'X-Setup-Secret: ${secret}' -d '{"username": "admin", "password": "at-least-8-characters"}'`,
      '',
      '',
    ].join('\n'),
  );
}

type Place = Pick<Config, 'EVENT_STORE' | 'DATA_PATH'>;

/** For a shell: finds the registry of a process with this environment and current folder. */
export function firstAdministratorCommand({ EVENT_STORE, DATA_PATH }: Place, env: Environment, cwd: string): string {
  const file = env['TIDEMARK_CONFIG'] ?? '';
  return [
    ...(file === '' ? [] : [`TIDEMARK_CONFIG=${quoted(resolve(cwd, file))}`]),
    // A registry on engines lies in no folder.
    ...(EVENT_STORE === 'embedded' ? [`TIDEMARK_DATA_PATH=${quoted(DATA_PATH)}`] : []),
    // The program is called by its name where it was installed, as in the image; a checkout has it behind npm.
    ...(env['npm_lifecycle_event'] === undefined ? ['tidemark'] : ['npm run tidemark --']),
    'user create NAME --superuser',
  ].join(' ');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
