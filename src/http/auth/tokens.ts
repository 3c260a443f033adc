import { createPublicKey } from 'node:crypto';
import {
  exportJWK,
  importPKCS8,
  importSPKI,
  jwtVerify,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import { BoundedMap } from '../boundedMap.js';
import { isJsonObject } from '../../domain/shared/json.js';

export type Action = 'pull' | 'push' | 'delete' | '*';

/** What a token grants for one name; the id pins it to the repository that bore the name when it was issued. */
export type Grant = {
  readonly name: string;
  readonly actions: readonly Action[];
  readonly repositoryId: string | null;
};

/** Whose token it is: identities, never names, so that a rename or a new bearer of a name inherits nothing. */
export type TokenSubject =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'user' | 'robot';
      readonly id: string;
      readonly credential: CredentialRef;
      /** Of the credential when the token was issued; a newer one voids the token. */
      readonly generation: number;
    };

export type VerifiedToken = {
  readonly subject: TokenSubject;
  readonly grants: ReadonlyMap<string, Grant>;
  /** Seconds since the epoch. */
  readonly expires: number;
};

/** The token is none of ours, or not of now. */
export class TokenInvalid extends Error {}

export type TokenOptions = {
  /** PEM (PKCS #8) of the RSA key that signs; its `kid` is derived from it. */
  readonly privateKey: string;
  readonly keyId: string;
  /** `SERVER_HOSTNAME`: audience of every token. */
  readonly audience: string;
  readonly lifetimeSeconds: number;
  /** The longest life accepted (REGISTRY_JWT_AUTH_MAX_FRESH_S). */
  readonly maximumFreshSeconds: number;
};

const ISSUER = 'quay';
const LEEWAY_SECONDS = 30;
const REMEMBERED = 20_000;
const ACTIONS: ReadonlySet<string> = new Set<Action>(['pull', 'push', 'delete', '*']);

/** Registry tokens: RS256 JWTs (contract: registry-v2 §4.6, §4.7). */
export class Tokens {
  /** A verified signature stays verified: only the clock is asked again. */
  readonly #verified = new BoundedMap<string, VerifiedToken>(REMEMBERED);

  private constructor(
    private readonly options: TokenOptions,
    private readonly signingKey: CryptoKey,
    private readonly verificationKey: CryptoKey,
    /** The public half, as it is published. */
    readonly publicKey: JWK,
  ) {}

  static async open(options: TokenOptions): Promise<Tokens> {
    const spki = createPublicKey(options.privateKey).export({ type: 'spki', format: 'pem' }).toString();
    const verificationKey = await importSPKI(spki, 'RS256', { extractable: true });
    const jwk: JWK = { ...(await exportJWK(verificationKey)), kid: options.keyId, alg: 'RS256', use: 'sig' };
    return new Tokens(options, await importPKCS8(options.privateKey, 'RS256'), verificationKey, jwk);
  }

  get lifetimeSeconds(): number {
    return this.options.lifetimeSeconds;
  }

  /** @param name of the subject, as `sub` shows it */
  async issue(subject: TokenSubject, name: string, grants: readonly Grant[], now: Date): Promise<string> {
    const issued = Math.floor(now.getTime() / 1000);
    const access = grants.map((grant) => ({
      type: 'repository',
      name: grant.name,
      actions: grant.actions,
      ...(grant.repositoryId === null ? {} : { id: grant.repositoryId }),
    }));
    return new SignJWT({ access, context: contextOf(subject, name) })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: this.options.keyId })
      .setIssuer(ISSUER)
      .setAudience(this.options.audience)
      .setSubject(name)
      .setNotBefore(issued)
      .setIssuedAt(issued)
      .setExpirationTime(issued + this.options.lifetimeSeconds)
      .sign(this.signingKey);
  }

  /** The token if it was verified before and has not expired: the way without waiting. */
  peek(text: string): VerifiedToken | undefined {
    const token = this.#verified.get(text);
    return token && token.expires + LEEWAY_SECONDS > Date.now() / 1000 ? token : undefined;
  }

  /** @throws TokenInvalid */
  async verify(text: string): Promise<VerifiedToken> {
    const known = this.peek(text);
    if (known) return known;
    try {
      const { payload } = await jwtVerify(text, this.verificationKey, {
        algorithms: ['RS256'],
        issuer: ISSUER,
        audience: this.options.audience,
        clockTolerance: LEEWAY_SECONDS,
        requiredClaims: ['nbf', 'iat', 'exp', 'sub'],
      });
      const token = read(payload, this.options.maximumFreshSeconds);
      this.#verified.set(text, token);
      return token;
    } catch (error) {
      if (error instanceof TokenInvalid) throw error;
      throw new TokenInvalid('the token is not valid: request a new one', { cause: error });
    }
  }
}

/** Legacy members beside ours: no client reads them, tools that decode tokens expect them. */
const contextOf = (subject: TokenSubject, name: string) =>
  subject.kind === 'anonymous'
    ? { version: 2, entity_kind: 'anonymous', kind: 'anonymous' }
    : {
        version: 2,
        entity_kind: subject.kind,
        entity_reference: subject.id,
        kind: subject.kind,
        user: name,
        credential: subject.credential,
        generation: subject.generation,
      };

function read(payload: JWTPayload, maximumFreshSeconds: number): VerifiedToken {
  const { exp = 0, iat = 0, access, context } = payload;
  if (exp - iat > maximumFreshSeconds) throw new TokenInvalid('the token lives longer than this registry accepts');
  if (iat > Date.now() / 1000 + LEEWAY_SECONDS) throw new TokenInvalid('the token comes from the future');
  if (!Array.isArray(access)) throw new TokenInvalid('the token has no access list');
  const grants = new Map<string, Grant>();
  for (const entry of access) {
    const grant = readGrant(entry);
    if (grant) grants.set(grant.name, grant);
  }
  return { subject: readSubject(context), grants, expires: exp };
}

function readGrant(entry: unknown): Grant | undefined {
  if (!isJsonObject(entry) || typeof entry['type'] !== 'string') throw new TokenInvalid('the access list is malformed');
  const { type, name, actions, id } = entry;
  if (type !== 'repository') return undefined;
  if (typeof name !== 'string' || !Array.isArray(actions)) throw new TokenInvalid('the access list is malformed');
  return { name, actions: actions.filter(isAction), repositoryId: typeof id === 'string' ? id : null };
}

const CREDENTIALS: ReadonlySet<string> = new Set<CredentialRef['kind']>([
  ...(['password', 'robot-token', 'app-token', 'oauth-token'] as const),
]);
const isCredentialKind = (kind: unknown): kind is CredentialRef['kind'] =>
  typeof kind === 'string' && CREDENTIALS.has(kind);

const isAction = (action: unknown): action is Action => typeof action === 'string' && ACTIONS.has(action);

function readSubject(context: unknown): TokenSubject {
  if (!isJsonObject(context)) throw new TokenInvalid('the token names no subject');
  const { entity_kind: kind, entity_reference: id, credential, generation } = context;
  if (kind === 'anonymous') return { kind };
  const isPerson = kind === 'user' || kind === 'robot';
  if (!isPerson || typeof id !== 'string' || typeof generation !== 'number' || !isJsonObject(credential)) {
    throw new TokenInvalid('the token names no subject');
  }
  const { kind: proof, id: proofId } = credential;
  if (!isCredentialKind(proof) || typeof proofId !== 'string') throw new TokenInvalid('the token names no credential');
  return { kind, id, generation, credential: { kind: proof, id: proofId } };
}
