import { decodeProtectedHeader, importJWK, jwtVerify, type JWK } from 'jose';
import { isJsonObject, type JsonObject } from '../../domain/shared/json.js';

const LONGEST = 2_048;
const LEEWAY_SECONDS = 30;

/** What a key must have, and what it may have beside it; private members are never taken (RFC 7517, RFC 7518). */
const MEMBERS: Readonly<Record<string, { readonly needed: readonly string[]; readonly kept: readonly string[] }>> = {
  RSA: { needed: ['n', 'e'], kept: ['use', 'alg'] },
  EC: { needed: ['x', 'y'], kept: ['crv', 'use', 'alg'] },
};

/** The public members of a key, under the id that the path gives it; undefined: it is none. */
export function publicJwk(given: unknown, kid: string): JsonObject | undefined {
  if (!isJsonObject(given) || typeof given['kty'] !== 'string') return undefined;
  const members = Object.hasOwn(MEMBERS, given['kty']) ? MEMBERS[given['kty']] : undefined;
  const isText = (name: string): boolean => {
    const value = given[name];
    return typeof value === 'string' && value.length > 0 && value.length <= LONGEST;
  };
  if (!members?.needed.every(isText)) return undefined;
  const names = ['kty', ...members.needed, ...members.kept.filter(isText)];
  return { ...Object.fromEntries(names.map((name) => [name, given[name]])), kid };
}

/** A token as it came; whose signature it bears is not known yet. */
export type BearerToken = { readonly text: string; readonly signerKid: string };

/** @param own whose signature it is where the token does not say; undefined: there is no token */
export function bearerToken(authorization: string | undefined, own: string): BearerToken | undefined {
  const text = /^Bearer ([A-Za-z0-9_.-]+)$/.exec(authorization ?? '')?.[1];
  if (text === undefined) return undefined;
  try {
    const { kid } = decodeProtectedHeader(text);
    return { text, signerKid: kid === undefined || kid === '' ? own : kid };
  } catch {
    // No token at all, whatever it is.
    return undefined;
  }
}

/** Whether the key signed the token, for this registry and now (contract: superuser §5). */
export async function isSignedBy(
  { text }: BearerToken,
  jwk: JsonObject,
  claims: { readonly service: string; readonly audience: string },
): Promise<boolean> {
  try {
    // The members are texts: they were checked when the key was taken.
    const key = await importJWK(jwk as JWK, 'RS256');
    await jwtVerify(text, key, {
      ...{ algorithms: ['RS256'], issuer: claims.service, audience: claims.audience },
      ...{ clockTolerance: LEEWAY_SECONDS, requiredClaims: ['exp'] },
    });
    return true;
  } catch {
    // Which of the many things is wrong, a stranger is not told.
    return false;
  }
}
