import { decodeProtectedHeader, decodeJwt } from 'jose';
import { ANONYMOUS, type Subject } from '../../domain/access.js';
import type { Scope } from '../../domain/oauth/scopes.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import { Refused } from '../api/framework/problems.js';
import type { Session, Sessions } from './sessions.js';

/** Who a request comes from. */
export type Authenticated = {
  readonly subject: Subject;
  readonly credential: CredentialRef | null;
  /** A bearer needs no CSRF token and no recent password. */
  readonly by: 'bearer' | 'session' | 'nobody';
  /** Of an OAuth token. */
  readonly scopes: readonly Scope[] | undefined;
  readonly session: Session | undefined;
  /** The signed-in user has a password that can be asked for again. */
  readonly hasPassword: boolean;
};

export type SignedIn = {
  readonly subject: Subject;
  readonly credential: CredentialRef;
  readonly scopes: readonly Scope[] | undefined;
  readonly hasPassword: boolean;
};

/** Who is behind a secret, as he is now; undefined if it is not valid, or its owner is disabled or gone. */
export type Identities = {
  readonly bearer: (token: string) => Promise<SignedIn | undefined>;
  readonly session: (account: string, generation: number) => Promise<SignedIn | undefined>;
};

const NOBODY = {
  subject: ANONYMOUS,
  credential: null,
  by: 'nobody',
  scopes: undefined,
  hasPassword: false,
} as const;

/** Bearer first, then the session; any other `Authorization` is not looked at (contract: conventions §2). */
export class Authentication {
  constructor(
    private readonly sessions: Sessions,
    private readonly identities: Identities,
  ) {}

  /** @throws Refused for a token of a login service that is not configured */
  async of(authorization: string | undefined, cookies: string | undefined): Promise<Authenticated> {
    const session = await this.sessions.read(cookies);
    const token = /^bearer +(\S+)\s*$/i.exec(authorization ?? '')?.[1];
    if (token !== undefined) {
      refuseForeign(token);
      const found = await this.identities.bearer(token);
      // The cookie is not consulted: who shows a token means that token.
      if (!found) return { ...NOBODY, session };
      return { ...found, by: 'bearer', session };
    }
    const account = session?.account ?? null;
    if (!session || account === null) return { ...NOBODY, session };
    const found = await this.identities.session(account, session.generation);
    return found ? { ...found, by: 'session', session } : { ...NOBODY, session };
  }
}

/** A JWT is a login service's (conventions §2); none is configured that could have issued one. */
function refuseForeign(token: string): void {
  let issuer: string | undefined;
  try {
    const { typ = '' } = decodeProtectedHeader(token);
    if (!['jwt', 'at+jwt'].includes(typ.toLowerCase())) return;
    issuer = decodeJwt(token).iss;
  } catch {
    // Not a JWT: one of our own opaque tokens.
    return;
  }
  if (issuer === undefined) throw new Refused(401, 'Token does not contain issuer');
  throw new Refused(401, `Issuer ${issuer} not configured`);
}
