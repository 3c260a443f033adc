import type { Accepted } from './accept.js';
import { isImageMediaType, isIndexMediaType, isSchema1MediaType, type ManifestMediaType } from './mediaTypes.js';

/**
 * - `as-stored`: serve the stored bytes
 * - `amd64-child`: serve the linux/amd64 child of this index, if its own type is accepted
 * - `not-acceptable`: the client named only types that this manifest is not
 */
export type Negotiation = 'as-stored' | 'amd64-child' | 'not-acceptable';

/**
 * What to serve for a tag; a digest is always served as stored. Nothing is converted.
 *
 * A client that asks for plain JSON among other things gets the stored bytes when nothing fits better: it has not
 * said clearly that it wants something else.
 *
 * @see contract v2 §8
 */
export function negotiate(stored: ManifestMediaType, { types, anything }: Accepted): Negotiation {
  if (anything || types.has(stored)) return 'as-stored';
  if (isIndexMediaType(stored) && wantsImagesOnly(types)) return 'amd64-child';
  return types.has('application/json') ? 'as-stored' : 'not-acceptable';
}

/** An old client that knows images but no indexes of either kind. */
function wantsImagesOnly(types: ReadonlySet<string>): boolean {
  let images = false;
  for (const type of types) {
    if (isIndexMediaType(type)) return false;
    images ||= isImageMediaType(type) || isSchema1MediaType(type);
  }
  return images;
}
