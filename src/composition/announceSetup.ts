import type { Config } from '../config/config.js';
import type { Log } from '../telemetry/log.js';

/** Printed once, to the console and not to the log, which others may read. */
export function announceSetup(log: Log, { DATA_PATH: folder }: Config, url: string, secret: string): void {
  log.warn('the registry is empty: make its first administrator with the command on the console');
  process.stderr.write(
    [
      '',
      'This registry has no account yet. Make the first administrator, either here:',
      '',
      `  TIDEMARK_DATA_PATH='${folder}' npm run tidemark -- user create NAME --superuser`,
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
