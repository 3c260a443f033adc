import { randomBytes, timingSafeEqual } from 'node:crypto';
import { parseCookie, stringifySetCookie } from 'cookie';
import { EncryptJWT, jwtDecrypt } from 'jose';

/** A browser's stay: who signed in, when, and the secrets that prove a request to be the browser's own. */
export type Session = {
  /** Null: nobody signed in yet. */
  readonly account: string | null;
  /** Of the account when he signed in; a newer one ends the session (sign-out, password change). */
  readonly generation: number;
  /** Milliseconds since the epoch; 0 while nobody signed in. */
  readonly loginTime: number;
  readonly csrf: string;
  readonly oauthCsrf: string;
  /** Milliseconds since the epoch: when the cookie was made. */
  readonly issued: number;
};

export type SessionsOptions = {
  /** 32 bytes, of the instance: any node reads what another one wrote. */
  readonly key: Uint8Array;
  /** SESSION_TIMEOUT, from the last use on. */
  readonly lifetimeSeconds: number;
  /** FEATURE_PERMANENT_SESSIONS: outlives the browser. */
  readonly permanent: boolean;
  readonly secure: boolean;
  readonly now: () => number;
};

/** That the session cookie is called like this surprises everybody; clients know it by this name (conventions §2). */
const COOKIE = '_csrf_token';
const CSRF_BYTES = 48;

export const newSession = (): Session => ({
  ...{ account: null, generation: 0, loginTime: 0, issued: 0 },
  csrf: randomBytes(CSRF_BYTES).toString('base64url'),
  oauthCsrf: randomBytes(CSRF_BYTES).toString('base64url'),
});

/** Whether a token is the session's, in constant time. */
export function isToken(expected: string, given: string | undefined): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given ?? '')];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}

/** Sessions live in an encrypted cookie (JWE, `dir` with A256GCM): no node keeps anything of them. */
export class Sessions {
  constructor(private readonly options: SessionsOptions) {}

  /** @param header `Cookie` @returns undefined for none, a forged one, or one that was not used for too long */
  async read(header: string | undefined): Promise<Session | undefined> {
    const text = header === undefined ? undefined : parseCookie(header)[COOKIE];
    if (text === undefined || text === '') return undefined;
    try {
      const currentDate = new Date(this.options.now());
      const { payload } = await jwtDecrypt(text, this.options.key, {
        keyManagementAlgorithms: ['dir'],
        contentEncryptionAlgorithms: ['A256GCM'],
        currentDate,
      });
      const { account, generation, loginTime, csrf, oauthCsrf, issued } = payload;
      const isNumbers = [generation, loginTime, issued].every((value) => typeof value === 'number');
      if (!isNumbers || typeof csrf !== 'string' || typeof oauthCsrf !== 'string') return undefined;
      return {
        account: typeof account === 'string' ? account : null,
        ...{ generation: Number(generation), loginTime: Number(loginTime), issued: Number(issued) },
        ...{ csrf, oauthCsrf },
      };
    } catch {
      // Not ours, of another key, or too old: as if there were none.
      return undefined;
    }
  }

  /** A session that is used goes on; its cookie is not renewed with each request. */
  isStale({ issued }: Session): boolean {
    return this.options.now() - issued > this.options.lifetimeSeconds * 100;
  }

  /** The header `Set-Cookie`. */
  async cookie(session: Session): Promise<string> {
    const { key, lifetimeSeconds, permanent, secure, now } = this.options;
    const issued = now();
    const value = await new EncryptJWT({ ...session, issued })
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
      .setExpirationTime(Math.floor(issued / 1000) + lifetimeSeconds)
      .encrypt(key);
    return stringifySetCookie({
      ...{ name: COOKIE, value, path: '/', httpOnly: true, sameSite: 'lax', secure },
      ...(permanent ? { maxAge: lifetimeSeconds } : {}),
    });
  }
}
