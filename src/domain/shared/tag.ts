import { algorithmOf, type Digest, hexOf, parseDigest } from './digest.js';
import { parseTagName, type TagName } from './reference.js';

const DURATION = /^([0-9]{1,12})([smhdwy])$/;
const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
  y: 31_536_000,
};

/** About 3,000 years: an end beyond cannot be written as a timestamp, and means no end. */
const LONGEST_SECONDS = 100_000_000_000;

/**
 * The value of `quay.expires-after`: `<int><unit>`, units s, m (minutes), h, d, w, y (365 days).
 *
 * @returns seconds; null for what is no such text, 0, and more than any calendar has: then nothing expires
 * @see contract v2 §16
 */
export function parseExpiresAfter(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  const [, count = '', unit = ''] = match;
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  return seconds > 0 && seconds <= LONGEST_SECONDS ? seconds : null;
}

const FALLBACK = /^(sha256|sha512)-([0-9a-f]{64})$/;

/**
 * The tag under which clients keep the referrers of a digest where there is no referrers API. The hex is cut to
 * 64 characters, so that of two sha512 digests both may have the same.
 *
 * @see contract v2 §11, DS-129
 */
export const referrersTagOf = (digest: Digest): TagName =>
  parseTagName(`${algorithmOf(digest)}-${hexOf(digest).slice(0, 64)}`);

/** Whether a tag has the form of a referrers tag, and so may be an index of referrers. */
export const isReferrersTag = (tag: string): boolean => FALLBACK.test(tag);

const COSIGN = /^sha256-([0-9a-f]{64})\.(?:sig|att|sbom)$/;
const COSIGN_SUFFIXES = ['sig', 'att', 'sbom'] as const;

/**
 * The tags by which cosign attaches signature, attestations and SBOM to a manifest; they go when its last tag goes.
 *
 * @returns none for sha512, which cosign does not tag (the name would be too long for a tag)
 * @see contract v2 §7.3 step 6
 */
export const cosignTagsOf = (digest: Digest): readonly TagName[] =>
  algorithmOf(digest) === 'sha256'
    ? COSIGN_SUFFIXES.map((suffix) => parseTagName(`sha256-${hexOf(digest)}.${suffix}`))
    : [];

/** The manifest that a cosign tag is about; null for every other tag. */
export function cosignSubjectOf(tag: string): Digest | null {
  const match = COSIGN.exec(tag);
  return match === null ? null : parseDigest(`sha256:${match[1] ?? ''}`);
}
