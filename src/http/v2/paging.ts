import type { Exchange } from './exchange.js';

export type PageRequest = { readonly limit: number; readonly last: string };

/**
 * `n` and `last` of a listing (contract: registry-v2 §12): larger pages are clamped, 0 and less ask for none, and what is
 * no number for the default. `last` is an exclusive start and need not exist.
 */
export function pageOf({ query }: Exchange, maximum: number): PageRequest {
  const text = query.get('n');
  const asked = text === null || !/^-?\d{1,9}$/.test(text) ? maximum : Number(text);
  return { limit: Math.max(0, Math.min(asked, maximum)), last: query.get('last') ?? '' };
}

/** RFC 5988; a page that was cut must have one (DS-105, DS-106). */
export function nextLink(path: string, more: boolean, limit: number, last: string | undefined): string[] {
  if (!more || last === undefined) return [];
  return ['Link', `<${path}?n=${limit}&last=${encodeURIComponent(last)}>; rel="next"`];
}
