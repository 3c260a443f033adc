import { ANONYMOUS, includes, type Subject } from '../../domain/access.js';
import type { Role } from '../../domain/repository/events.js';
import type { RequestedRepository } from '../../domain/shared/repositoryPath.js';
import type { Directory, FoundRepository } from '../../projections/directory.js';
import type { Identities } from '../../projections/identities.js';
import { TokenInvalid, type Grant, type Tokens, type VerifiedToken } from '../auth/tokens.js';
import { OciError } from './errors.js';
import type { Exchange } from './exchange.js';

/** A caller in a repository, allowed to do what he came for. */
export type Admitted = { readonly subject: Subject; readonly found: FoundRepository; readonly role: Role };

/** Who calls, as he is now, and what he calls for. */
export type Calling = { readonly subject: Subject; readonly found: FoundRepository | undefined };

export type AuthorizationOptions = {
  readonly tokens: Tokens;
  readonly directory: Directory;
  readonly identities: Identities;
  /** `https://host/v2/auth` and `host`: never derived from the request. */
  readonly realm: string;
  readonly service: string;
};

type Need = 'pull' | 'push';

const UNAUTHORIZED = 'access to the requested resource is not authorized';

/**
 * A request may do what its token grants and what its subject may do now (design section 4, contract: registry-v2 §4.7).
 */
export class Authorization {
  constructor(private readonly options: AuthorizationOptions) {}

  /** The audience of every token: `SERVER_HOSTNAME`. */
  get service(): string {
    return this.options.service;
  }

  /** @throws OciError 401 with the challenge */
  async subject(exchange: Exchange, scope?: string): Promise<Subject> {
    return this.#subject(await this.#verified(exchange, scope), scope);
  }

  /**
   * A reader or writer of a repository that exists.
   *
   * @param scope what a challenge asks for, if it is more than the need
   * @throws OciError 401 with the challenge; 404 NAME_UNKNOWN for a missing repository if the token grants the need
   */
  admit(
    exchange: Exchange,
    name: string,
    requested: RequestedRepository,
    need: Need,
    scope = scopeOf(name, need),
  ): Admitted | Promise<Admitted> {
    return (
      this.#admitKnown(exchange, name, requested, need) ??
      this.#lookUp(exchange, requested, scope).then((caller) => this.admitTo(exchange, name, caller, need, scope))
    );
  }

  /**
   * Who calls, and the repository if it exists.
   *
   * @throws OciError 401 with the challenge
   */
  lookUp(exchange: Exchange, requested: RequestedRepository, scope: string): Calling | Promise<Calling> {
    const { directory } = this.options;
    const token = this.#peekToken(exchange);
    const subject = token && this.#knownSubject(token);
    const found = directory.peekRepository(requested.path.name);
    if (!token || !subject || !found) return this.#lookUp(exchange, requested, scope);
    exchange.token = token;
    return { subject, found };
  }

  /** As `admit`, after `lookUp`. */
  async admitTo(
    exchange: Exchange,
    name: string,
    { subject, found }: Calling,
    need: Need,
    scope = scopeOf(name, need),
  ): Promise<Admitted> {
    const { directory } = this.options;
    const grant = exchange.token?.grants.get(name);
    if (!found) {
      if (grants(grant, need)) throw new OciError(404, 'NAME_UNKNOWN', 'repository not found', { name });
      throw this.challenge(scope);
    }
    const known = directory.peekRole(subject, found.repository.id);
    const role = known === undefined ? await directory.role(subject, found) : (known ?? undefined);
    if (role === undefined || !includes(role, need === 'pull' ? 'read' : 'write')) throw this.challenge(scope);
    if (!this.#granted(subject, grant, found, need)) throw this.challenge(scope);
    return { subject, found, role };
  }

  /** The way without waiting, taken by all but the first of many requests: everything is known and nothing is refused. */
  #admitKnown(exchange: Exchange, name: string, requested: RequestedRepository, need: Need): Admitted | undefined {
    const { directory } = this.options;
    const token = this.#peekToken(exchange);
    const found = directory.peekRepository(requested.path.name);
    if (!token || !found) return undefined;
    const subject = this.#knownSubject(token);
    const role = subject && directory.peekRole(subject, found.repository.id);
    if (!subject || !role || !includes(role, need === 'pull' ? 'read' : 'write')) return undefined;
    if (!this.#granted(subject, token.grants.get(name), found, need)) return undefined;
    exchange.token = token;
    return { subject, found, role };
  }

  #peekToken({ request }: Exchange): VerifiedToken | undefined {
    const header = request.headers.authorization;
    return header?.startsWith('Bearer ') === true ? this.options.tokens.peek(header.slice(7)) : undefined;
  }

  #knownSubject({ subject }: VerifiedToken): Subject | undefined {
    if (subject.kind === 'anonymous') return ANONYMOUS;
    const identity = this.options.identities.peek(subject.credential);
    return identity?.generation === subject.generation ? identity.subject : undefined;
  }

  /** Side by side: neither needs the other, and an engine that is far away is waited for once. */
  async #lookUp(exchange: Exchange, { path }: RequestedRepository, scope: string): Promise<Calling> {
    const { directory } = this.options;
    const token = await this.#verified(exchange, scope);
    const finding = directory.peekRepository(path.name) ?? directory.repository(path.namespace, path.repository);
    const [subject, found] = await Promise.all([this.#subject(token, scope), finding]);
    return { subject, found };
  }

  /** The answer that makes a client ask for a (larger) token. */
  challenge(scope?: string, message = UNAUTHORIZED): OciError {
    return new OciError(401, 'UNAUTHORIZED', message, {}, { 'WWW-Authenticate': this.challengeHeader(scope) });
  }

  challengeHeader(scope?: string): string {
    const { realm, service } = this.options;
    const wanted = scope === undefined ? '' : `,scope="${scope}"`;
    return `Bearer realm="${realm}",service="${service}"${wanted}`;
  }

  /** Without a grant: what is public, and what a superuser may read anyway; writing always needs a grant. */
  #granted({ caller }: Subject, grant: Grant | undefined, { repository }: FoundRepository, need: Need): boolean {
    const pinned = grant?.repositoryId ?? repository.id;
    if (grants(grant, need) && pinned === repository.id) return true;
    if (need === 'push') return false;
    return (
      repository.visibility === 'public' || (caller.kind === 'user' && (caller.superuser || caller.readOnlySuperuser))
    );
  }

  /** The token of the request; nobody is asked for it. @throws OciError 401 with the challenge */
  async #verified(exchange: Exchange, scope: string | undefined): Promise<VerifiedToken | undefined> {
    const header = exchange.request.headers.authorization;
    if (header === undefined) return undefined;
    return (exchange.token = await this.#token(header, scope));
  }

  async #token(header: string, scope: string | undefined): Promise<VerifiedToken> {
    const text = /^bearer /i.test(header) ? header.slice(7) : undefined;
    if (text === undefined) throw this.challenge(scope);
    try {
      return this.options.tokens.peek(text) ?? (await this.options.tokens.verify(text));
    } catch (error) {
      if (!(error instanceof TokenInvalid)) throw error;
      throw this.challenge(scope, error.message);
    }
  }

  /** The subject as he is now: gone, disabled or with another credential, his tokens are void. */
  async #subject(token: VerifiedToken | undefined, scope: string | undefined): Promise<Subject> {
    if (!token || token.subject.kind === 'anonymous') return ANONYMOUS;
    const { subject } = token;
    const { identities } = this.options;
    const identity = identities.peek(subject.credential) ?? (await identities.of(subject.credential));
    if (identity?.generation !== subject.generation) throw this.challenge(scope);
    return identity.subject;
  }
}

export const scopeOf = (name: string, need: Need): string =>
  `repository:${name}:${need === 'pull' ? 'pull' : 'pull,push'}`;

export const grants = (grant: Grant | undefined, need: Need): boolean =>
  grant !== undefined && (grant.actions.includes(need) || grant.actions.includes('*'));
