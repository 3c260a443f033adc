export type Basic = { readonly username: string; readonly password: string };

/** `Authorization: Basic …` (RFC 7617); undefined for any other scheme and for what cannot be decoded. */
export function decodeBasic(header: string): Basic | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+)$/i.exec(header.trim())?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
