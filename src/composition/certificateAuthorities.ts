import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { unless } from '../adapters/blobs/storageErrors.js';

/**
 * Whom outgoing connections trust: those that Node.js trusts, and the certificates in `extra_ca_certs/` beside the
 * configuration. Undefined where there are none of these.
 */
export async function certificateAuthorities(folder: string): Promise<readonly string[] | undefined> {
  const extra = join(folder, 'extra_ca_certs');
  const names = (await unless(['ENOENT'], readdir(extra))) ?? [];
  const texts = await Promise.all(names.map((name) => readFile(join(extra, name), 'utf8')));
  const certificates = texts.filter((text) => text.includes('-----BEGIN CERTIFICATE-----'));
  return certificates.length === 0 ? undefined : [...getCACertificates('default'), ...certificates];
}
