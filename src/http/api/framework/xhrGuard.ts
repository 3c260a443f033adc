import type { Request } from 'express';

/** What a person has open; not Edge, and not a headless one (conventions §1, "Browser XHR guard"). */
const BROWSER =
  /\b(?:aol|ask|camino|chrome|firefox|galeon|google|kmeleon|konqueror|links|lynx|msie|msn|netscape|opera|safari|seamonkey|webkit|yahoo)\/[0-9]/i;
const OTHER = /\b(?:edge?|edga|edgios|headlesschrome)\//i;

/** A browser that was pointed at the API by a link: a page's script would have sent the header. */
export function isBareBrowser(request: Request): boolean {
  const agent = request.get('user-agent') ?? '';
  const isBrowser = BROWSER.test(agent) && !OTHER.test(agent);
  return request.method === 'GET' && isBrowser && request.get('x-requested-with') !== 'XMLHttpRequest';
}
