const COMMON = {
  'Access-Control-Allow-Methods': 'DELETE, GET, HEAD, OPTIONS, POST, PUT',
  'Access-Control-Max-Age': '21600',
};

/** CORS_ORIGIN: one entry is sent as it is; of several the one that asks, if it is among them (conventions §1). */
export function allowedOrigin(origins: readonly string[], asking: string | undefined): string {
  const [only = '*', ...others] = origins;
  if (others.length === 0) return only;
  return asking !== undefined && origins.includes(asking) ? asking : '*';
}

/** Of every API answer. Cookies cross origins only to one that is named. */
export function corsHeaders(origin: string): { readonly [name: string]: string } {
  const names = 'AUTHORIZATION, CONTENT-TYPE, X-REQUESTED-WITH';
  if (origin === '*') return { ...COMMON, 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': names };
  return {
    ...COMMON,
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Allow-Headers': `${names}, COOKIE, X-CSRF-TOKEN`,
    'Access-Control-Allow-Credentials': 'true',
    Vary: 'Origin',
  };
}
