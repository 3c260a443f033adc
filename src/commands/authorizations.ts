import type { Scope } from '../domain/oauth/scopes.js';
import { parseScopes } from '../domain/oauth/scopes.js';
import { ApplicationTokenUnknown } from '../domain/organization/application/errors.js';
import { DomainError } from '../domain/shared/errors.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import { plusSeconds } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import { VersionConflict } from '../ports/errors.js';
import type { OperationalRecord, OperationalStore } from '../ports/operationalStore.js';
import { TOKEN_SECONDS, type ApplicationCommands, type IssuedToken } from './applications.js';
import type { CommandContext } from './context.js';
import { ALPHANUMERIC, generatedSecret } from './generatedSecrets.js';
import type { Sealing } from './sealing.js';

/** Of `OperationalStore`; what is due in it has run out. */
export const AUTHORIZATION_CODES = 'authorizationCodes';

/** RFC 6749 §4.1.2 recommends ten minutes at most. */
const CODE_SECONDS = 600;
const CODE_LENGTH = 40;

/** What somebody granted an application; the scope as it was asked for, letter by letter. */
export type Grant = {
  readonly clientId: string;
  readonly namespaceId: NamespaceId;
  readonly accountId: AccountId;
  readonly redirectUri: string;
  readonly scope: string;
};

/** `tokenId`: of the token that it was exchanged for; null: not yet. */
type CodeRecord = Grant & { readonly tokenId: string | null };

/** What an application shows to get a token for a code; that it is this application is proven already. */
export type Exchange = {
  readonly code: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
};

/** The code is not one, or has run out, was used, or is somebody else's (RFC 6749 §5.2). */
export class GrantInvalid extends DomainError {
  readonly code = 'grant-invalid';
  constructor() {
    super('the authorization code is not valid: ask the user again');
  }
}

/** Another scope than the one that the user agreed to. */
export class GrantScopeInvalid extends DomainError {
  readonly code = 'grant-scope-invalid';
  constructor() {
    super('the scope is not the one that was granted');
  }
}

/**
 * Authorization codes: secrets of minutes, kept as HMACs outside the log until they run out, and good for one token
 * (contract: organizations §7.3; RFC 6749 §4.1).
 */
export class AuthorizationCodes {
  constructor(
    private readonly deps: {
      readonly operational: OperationalStore;
      readonly sealing: Sealing;
      readonly clock: Clock;
      readonly ids: Ids;
      readonly applications: Pick<ApplicationCommands, 'issueToken' | 'revokeToken'>;
      /** Whether an account may act now. */
      readonly isActive: (accountId: AccountId) => Promise<boolean>;
    },
  ) {}

  /** @returns the code in clear, kept nowhere */
  async grant(grant: Grant): Promise<string> {
    const { operational, clock } = this.deps;
    const code = generatedSecret(CODE_LENGTH, ALPHANUMERIC);
    const value: CodeRecord = { ...grant, tokenId: null };
    const due = plusSeconds(clock.now(), CODE_SECONDS);
    const key = await this.#keyOf(code);
    await operational.write([{ kind: 'put', collection: AUTHORIZATION_CODES, key, value, due, expected: 0 }]);
    return code;
  }

  /**
   * A token for a code. Whoever shows a code for the second time takes away what the first one got: one of the two has
   * stolen it (RFC 6749 §4.1.2).
   *
   * @throws GrantInvalid, GrantScopeInvalid
   */
  async exchange(exchange: Exchange, context: CommandContext): Promise<IssuedToken> {
    const key = await this.#keyOf(exchange.code);
    const record = await this.deps.operational.get<CodeRecord>(AUTHORIZATION_CODES, key);
    const grant = this.#valid(record, exchange);
    if (record === undefined || grant.tokenId !== null) throw await this.#replayed(grant, context);
    if (grant.scope !== exchange.scope) throw new GrantScopeInvalid();
    if (!(await this.deps.isActive(grant.accountId))) throw new GrantInvalid();
    const tokenId = this.deps.ids.next();
    await this.#use(record, { ...grant, tokenId });
    const { namespaceId, clientId, accountId } = grant;
    const token = { clientId, accountId, issuedBy: accountId, scopes: scopesOf(grant) };
    return this.deps.applications.issueToken(
      namespaceId,
      { ...token, tokenId, name: null, lifetimeSeconds: TOKEN_SECONDS, assignmentId: null },
      { ...context, actor: { kind: 'user', id: accountId } },
    );
  }

  #keyOf(code: string): Promise<string> {
    return this.deps.sealing.lookup('authorization-code', code);
  }

  #valid(record: OperationalRecord<CodeRecord> | undefined, { clientId, redirectUri }: Exchange): CodeRecord {
    if (!record || (record.due !== null && record.due <= this.deps.clock.now())) throw new GrantInvalid();
    const { value } = record;
    if (value.clientId !== clientId || value.redirectUri !== redirectUri) throw new GrantInvalid();
    return value;
  }

  /** Of two who come at once with one code, one is too late. */
  async #use({ key, version, due }: OperationalRecord, value: CodeRecord): Promise<void> {
    const write = { kind: 'put', collection: AUTHORIZATION_CODES, key, value, due, expected: version } as const;
    try {
      await this.deps.operational.write([write]);
    } catch (error) {
      if (error instanceof VersionConflict) throw new GrantInvalid();
      throw error;
    }
  }

  async #replayed({ namespaceId, accountId, tokenId }: CodeRecord, context: CommandContext): Promise<GrantInvalid> {
    try {
      const by: CommandContext = { ...context, actor: { kind: 'user', id: accountId } };
      if (tokenId !== null) await this.deps.applications.revokeToken(namespaceId, { tokenId, from: 'registry' }, by);
    } catch (error) {
      // It was revoked before, or never came to be.
      if (!(error instanceof ApplicationTokenUnknown)) throw error;
    }
    return new GrantInvalid();
  }
}

const scopesOf = ({ scope }: Grant): readonly Scope[] => parseScopes(scope);
