const TAG = /(?:^|,)[ \t]*(?:W\/)?("[^"]*")[ \t]*(?=,|$)/g;

/**
 * Whether an `If-None-Match` names what would be sent: one tag or a list, compared weakly, or `*` for whatever there is.
 *
 * @param etag strong, in its quotes
 * @see RFC 9110, sections 13.1.2 and 8.8.3.2
 */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  for (const [, tag] of header.matchAll(TAG)) if (tag === etag) return true;
  return false;
}
