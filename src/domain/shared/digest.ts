import type { Brand } from './brand.js';
import { DomainError } from './errors.js';

/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower case: one text for one content. */
export type Digest = Brand<string, 'Digest'>;
export type DigestAlgorithm = 'sha256' | 'sha512';

export const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** The text is no digest, or one of an algorithm that is not supported. */
export class DigestInvalid extends DomainError {
  readonly code = 'digest-invalid';
  constructor(text: string) {
    super(
      'not a digest that this registry supports: give sha256:<64 hex digits> or sha512:<128 hex digits>, lower case',
      {
        digest: text.slice(0, 200),
      },
    );
  }
}

export const isDigest = (text: string): text is Digest => DIGEST.test(text);

/** @throws DigestInvalid */
export function parseDigest(text: string): Digest {
  if (!isDigest(text)) throw new DigestInvalid(text);
  return text;
}

export const algorithmOf = (digest: Digest): DigestAlgorithm => (digest.startsWith('sha256:') ? 'sha256' : 'sha512');

export const hexOf = (digest: Digest): string => digest.slice(digest.indexOf(':') + 1);

/** @param hex a hash in lower-case hex, of the algorithm's length */
export const digestOf = (algorithm: DigestAlgorithm, hex: string): Digest => parseDigest(`${algorithm}:${hex}`);
