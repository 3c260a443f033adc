/** Schemes by which a browser would run what it is sent to, or show it as if it came from somewhere else. */
const DANGEROUS: ReadonlySet<string> = new Set([
  'javascript',
  'data',
  'vbscript',
  'blob',
  'file',
  'about',
  'filesystem',
]);

/** Scheme, host with port, path, query. Taken apart by hand: a parser that repairs what it reads hides tricks. */
const FORM = /^([a-z][a-z0-9+.-]*):\/\/((?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?)((?:\/[^?#]*)?)(\?[^#]*)?$/i;
/** What browsers remove, repair or read in two ways: control characters, spaces, backslashes, what is not ASCII. */
const UNFIT = /[^\x21-\x7e]|[\\"<>^`{|}]/;

/** What the answer says must be said once, by us: an address that says it already would speak in our name. */
const OURS = ['code', 'access_token', 'token_type', 'expires_in', 'scope', 'state', 'error'];

type Parts = { readonly origin: string; readonly path: string; readonly query: string };

function partsOf(uri: string): Parts | undefined {
  const [, scheme = '', host = '', path = '', query = ''] = FORM.exec(uri) ?? [];
  if (scheme === '' || UNFIT.test(uri) || DANGEROUS.has(scheme.toLowerCase())) return undefined;
  return {
    origin: `${scheme}://${withoutDefaultPort(scheme, host)}`.toLowerCase(),
    path: path === '' ? '/' : path,
    query,
  };
}

const DEFAULT_PORTS: { readonly [scheme: string]: string } = { http: ':80', https: ':443' };

function withoutDefaultPort(scheme: string, host: string): string {
  const port = DEFAULT_PORTS[scheme.toLowerCase()];
  return port !== undefined && host.endsWith(port) ? host.slice(0, -port.length) : host;
}

/**
 * Whether an application's users may be sent to an address with what was granted (contract: organizations §7.3,
 * "Redirect URI rule"). The registered one is a prefix of the path; scheme, host and port are exact.
 *
 * @param local this registry's own page, which every application may use
 */
export function isAllowedRedirect(uri: string, registered: string, local: string): boolean {
  if (uri === local) return true;
  const [to, from] = [partsOf(uri), partsOf(registered)];
  if (!to || to.origin !== from?.origin || !to.path.startsWith(from.path)) return false;
  const query = new URLSearchParams(to.query);
  if (OURS.some((name) => query.has(name))) return false;
  return !/\.\.|@/.test(to.path) && !to.path.slice(from.path.length).includes('%');
}

/** The address with members more in its query; null and undefined members are left out. */
export function withQuery(uri: string, members: { readonly [name: string]: string | null | undefined }): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members))
    if (value !== null && value !== undefined) query.set(name, value);
  return query.size === 0 ? uri : `${uri}${uri.includes('?') ? '&' : '?'}${query.toString()}`;
}
