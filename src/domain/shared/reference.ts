import type { Brand } from './brand.js';
import { type Digest, parseDigest } from './digest.js';
import { DomainError } from './errors.js';

/** 1 to 128 ASCII letters, digits, `_`, `.` and `-`, not beginning with the last two (DS-006). */
export type TagName = Brand<string, 'TagName'>;

/** What stands after `manifests/` in a path: a tag or a digest, nothing else (DS-005). */
export type Reference =
  { readonly kind: 'tag'; readonly tag: TagName } | { readonly kind: 'digest'; readonly digest: Digest };

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;

/** The text is no tag name (conventions §11). */
export class TagInvalid extends DomainError {
  readonly code = 'tag-invalid';
  constructor(tag: string) {
    super('Invalid tag: must match [A-Za-z0-9_.-], NOT start with "." or "-", and can contain 1-128 characters', {
      tag: tag.slice(0, 200),
    });
  }
}

export const isTagName = (text: string): text is TagName => TAG.test(text);

/** @throws TagInvalid */
export function parseTagName(text: string): TagName {
  if (!isTagName(text)) throw new TagInvalid(text);
  return text;
}

/**
 * Whatever contains a colon is meant as a digest, so a malformed one is never looked up as a tag (contract v2 §1).
 *
 * @throws DigestInvalid | TagInvalid
 */
export const parseReference = (text: string): Reference =>
  text.includes(':') ? { kind: 'digest', digest: parseDigest(text) } : { kind: 'tag', tag: parseTagName(text) };

/** The text that the reference was parsed from. */
export const referenceText = (reference: Reference): string =>
  reference.kind === 'tag' ? reference.tag : reference.digest;
