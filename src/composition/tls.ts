import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SecureVersion, TlsOptions } from 'node:tls';
import type { Config } from '../config/config.js';

/** TLS with `ssl.cert` and `ssl.key` beside the configuration, unless it ends in front of the server. */
export async function tlsOf(config: Config): Promise<TlsOptions | undefined> {
  if (config.PREFERRED_URL_SCHEME !== 'https' || config.EXTERNAL_TLS_TERMINATION) return undefined;
  const [cert, key] = await Promise.all(['ssl.cert', 'ssl.key'].map((name) => readFile(join(config.folder, name))));
  const suites = [...config.SSL_CIPHERSUITES, ...(config.SSL_CIPHERS ?? [])];
  return { cert, key, ...versions(config.SSL_PROTOCOLS), ...(suites.length > 0 ? { ciphers: suites.join(':') } : {}) };
}

function versions(protocols: readonly string[]): { minVersion?: SecureVersion; maxVersion?: SecureVersion } {
  const known = (['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const).filter((version) => protocols.includes(version));
  const [lowest, highest] = [known[0], known.at(-1)];
  return lowest && highest ? { minVersion: lowest, maxVersion: highest } : {};
}
