import { createHash, hash } from 'node:crypto';
import { type Digest, type DigestAlgorithm, digestOf } from '../shared/digest.js';
import type { ManifestFacts } from './facts.js';

/**
 * The digest by which a manifest is known: of all its bytes, but of a signed schema 1 manifest that of the
 * payload without its signatures, so that signing again does not change it (contract v2 §7.2).
 *
 * @param facts what `parseManifest` said about these very bytes
 */
export function manifestDigest(
  bytes: Uint8Array,
  facts: Pick<ManifestFacts, 'schema1'>,
  algorithm: DigestAlgorithm = 'sha256',
): Digest {
  const signed = facts.schema1?.signed ?? null;
  if (signed === null) return digestOf(algorithm, hash(algorithm, bytes, 'hex'));
  const payload = createHash(algorithm).update(bytes.subarray(0, signed.length)).update(signed.tail, 'base64url');
  return digestOf(algorithm, payload.digest('hex'));
}
