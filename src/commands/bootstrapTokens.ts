import { BOOTSTRAP_APPLICATION } from '../domain/organization/application/decide.js';
import { ApplicationTokenUnknown } from '../domain/organization/application/errors.js';
import type { Scope } from '../domain/oauth/scopes.js';
import { DomainError } from '../domain/shared/errors.js';
import type { AccountId, NamespaceId } from '../domain/shared/ids.js';
import type { TokenPlace } from '../ports/tokenPlace.js';
import type { ApplicationCommands } from './applications.js';
import type { CommandContext } from './context.js';

/** The superuser whom the token acts for, and his application. */
export type BootstrapClient = {
  readonly accountId: AccountId;
  readonly namespaceId: NamespaceId;
  readonly clientId: string;
};

/** The text is the contract's (superuser §9). */
export class TokenRotationFailed extends DomainError {
  readonly code = 'token-rotation-failed';
  constructor(what: 'write token' | 'clean up tokens', options: ErrorOptions) {
    super(`Token rotation failed: could not ${what}`, {}, options);
  }
}

export type BootstrapTokensOptions = {
  readonly applications: Pick<ApplicationCommands, 'register' | 'remove' | 'issueToken' | 'revokeToken'>;
  readonly place: TokenPlace;
  readonly scopes: readonly Scope[];
  readonly lifetimeSeconds: number;
  /** Ids of the tokens of an application that were not revoked, also of those that have run out. */
  readonly tokensOf: (clientId: string) => Promise<readonly string[]>;
};

/** The token by which programs that set a registry up begin: provisioned in a place that only they can read. */
export class BootstrapTokens {
  constructor(private readonly options: BootstrapTokensOptions) {}

  /** What is in the place now. */
  current(): Promise<string | undefined> {
    return this.options.place.read();
  }

  /** @returns the client id */
  register(namespaceId: NamespaceId, context: CommandContext): Promise<string> {
    const description = { description: '', applicationUri: '', redirectUri: '', avatarEmail: null };
    const application = { ...description, name: BOOTSTRAP_APPLICATION };
    return this.options.applications.register(namespaceId, application, context, { provisioning: true });
  }

  /** A new token in the place; those before it serve nobody any more. @throws TokenRotationFailed */
  async rotate(client: BootstrapClient, context: CommandContext): Promise<void> {
    const { applications, place, scopes, lifetimeSeconds, tokensOf } = this.options;
    const { accountId, namespaceId, clientId } = client;
    const before = await tokensOf(clientId);
    const order = { clientId, accountId, issuedBy: accountId, scopes, lifetimeSeconds };
    const issued = await applications.issueToken(
      namespaceId,
      { ...order, name: null, assignmentId: null, unlimited: true },
      context,
    );
    try {
      await place.write(issued.token);
    } catch (cause) {
      await this.#revoke(namespaceId, [issued.tokenId], context);
      throw new TokenRotationFailed('write token', { cause });
    }
    try {
      await this.#revoke(namespaceId, before, context);
    } catch (cause) {
      throw new TokenRotationFailed('clean up tokens', { cause });
    }
  }

  /** The application ends with its tokens, and nothing is left in the place. */
  async retire({ namespaceId, clientId }: Omit<BootstrapClient, 'accountId'>, context: CommandContext): Promise<void> {
    await this.options.applications.remove(namespaceId, clientId, context);
    await this.options.place.remove();
  }

  async #revoke(namespaceId: NamespaceId, tokenIds: readonly string[], context: CommandContext): Promise<void> {
    for (const tokenId of tokenIds) {
      try {
        await this.options.applications.revokeToken(namespaceId, { tokenId, from: 'registry' }, context);
      } catch (error) {
        // Somebody else was quicker.
        if (!(error instanceof ApplicationTokenUnknown)) throw error;
      }
    }
  }
}
