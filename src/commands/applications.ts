import {
  decideAssignAuthorization,
  decideChangeApplication,
  decideIssueToken,
  decideRegisterApplication,
  decideRemoveApplication,
  decideRemoveAssignment,
  decideResetSecret,
  decideRevokeToken,
  type DescribeApplication,
  type RevokeToken,
} from '../domain/organization/application/decide.js';
import { ApplicationUnknown } from '../domain/organization/application/errors.js';
import type { OrganizationEvent } from '../domain/organization/events.js';
import { organizationAggregate, type Organization } from '../domain/organization/organization.js';
import { scopeText, type Scope } from '../domain/oauth/scopes.js';
import type { AccountId, EventId, NamespaceId } from '../domain/shared/ids.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { type Timestamp } from '../domain/shared/time.js';
import type { Ids } from '../ports/clock.js';
import { KeyDestroyed } from '../ports/keyStore.js';
import type { CommandContext } from './context.js';
import { ALPHANUMERIC, generatedSecret, UPPER_ALPHANUMERIC } from './generatedSecrets.js';
import { namespaceSubject, type Sealing } from './sealing.js';
import { organizationStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What a token is looked up by is `sealing.lookup(TOKEN_LOOKUP, token)`. */
export const TOKEN_LOOKUP = 'oauth-token';

/** The longest life of a token, and that of one which nobody asked a shorter one for: ten years (organizations §7.2). */
export const TOKEN_SECONDS = 315_576_000;

const CLIENT_ID_LENGTH = 20;
const SECRET_LENGTH = 40;

/** What an application says of itself. */
export type ApplicationDescription = {
  readonly name: string;
  readonly description: string;
  readonly applicationUri: string;
  readonly redirectUri: string;
  readonly avatarEmail: string | null;
};

export type NewToken = {
  readonly clientId: string;
  /** Whom it acts for. */
  readonly accountId: AccountId;
  readonly scopes: readonly Scope[];
  readonly name: string | null;
  readonly lifetimeSeconds: number;
  readonly issuedBy: AccountId;
  /** The assignment that it uses up. */
  readonly assignmentId: string | null;
  /** However many there are already: that of the registry itself. */
  readonly unlimited?: boolean;
  /** Where the caller has to know the id beforehand. */
  readonly tokenId?: string;
};

export type RegistrationOptions = {
  /** One that cannot be drawn: that of the first account's application is his name (accounts §1.3). */
  readonly clientId?: string;
  /** Whether the registry itself makes the application of its bootstrap token. */
  readonly provisioning?: boolean;
};

/** A token in clear: told once, to whom it was made for, and kept nowhere. */
export type IssuedToken = {
  readonly tokenId: string;
  readonly token: string;
  readonly created: Timestamp;
  readonly expires: Timestamp | null;
};

export type NewAssignment = {
  readonly clientId: string;
  readonly accountId: AccountId;
  readonly redirectUri: string;
  readonly scopes: readonly Scope[];
  readonly responseType: string;
};

type Decide = (state: Organization, now: Timestamp) => readonly OrganizationEvent[];

/** OAuth applications of a namespace: an organization's, or a user's own (contract: organizations §7). */
export class ApplicationCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly sealing: Sealing;
      readonly ids: Ids;
      /** OAUTH_APPLICATION_MAXIMUM_TOKEN_COUNT; null: any number. */
      readonly maximumTokens: number | null;
    },
  ) {}

  /** @returns the client id. @throws ApplicationNameReserved */
  async register(
    namespaceId: NamespaceId,
    description: ApplicationDescription,
    context: CommandContext,
    options: RegistrationOptions = {},
  ): Promise<string> {
    const { clientId = generatedSecret(CLIENT_ID_LENGTH, UPPER_ALPHANUMERIC), provisioning = false } = options;
    const facts = await this.#described(namespaceId, clientId, description);
    const secret = await this.#newSecret(namespaceId, facts.id);
    await this.#decide(namespaceId, context, () => decideRegisterApplication({ ...facts, secret, provisioning }));
    return clientId;
  }

  /** @throws ApplicationUnknown, ApplicationNameReserved */
  async change(
    namespaceId: NamespaceId,
    clientId: string,
    description: ApplicationDescription,
    context: CommandContext,
  ): Promise<void> {
    const facts = await this.#described(namespaceId, clientId, description);
    await this.#decide(namespaceId, context, ({ applications }) => decideChangeApplication(facts, applications));
  }

  /** Who knows only the old secret gets no token any more when this answers. @throws ApplicationUnknown */
  async resetSecret(namespaceId: NamespaceId, clientId: string, context: CommandContext): Promise<void> {
    const id = this.deps.ids.next() as EventId;
    const secret = await this.#newSecret(namespaceId, id);
    await this.#decide(namespaceId, context, ({ applications }) =>
      decideResetSecret({ id, clientId, secret }, applications),
    );
  }

  /** @throws ApplicationUnknown */
  async remove(namespaceId: NamespaceId, clientId: string, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, ({ applications }) => decideRemoveApplication(clientId, applications));
  }

  /** @throws ApplicationUnknown, AssignmentUnknown, TokenLimitReached */
  async issueToken(namespaceId: NamespaceId, token: NewToken, context: CommandContext): Promise<IssuedToken> {
    const { scopes, tokenId = this.deps.ids.next(), unlimited = false, ...rest } = token;
    const secret = generatedSecret(SECRET_LENGTH, ALPHANUMERIC);
    const lookup = await this.deps.sealing.lookup(TOKEN_LOOKUP, secret);
    const maximumTokens = unlimited ? null : this.deps.maximumTokens;
    const command = { ...rest, tokenId, lookup, scope: scopeText(scopes), maximumTokens };
    let issued: Pick<IssuedToken, 'created' | 'expires'> | undefined;
    await this.#decide(namespaceId, context, ({ applications }, now) => {
      const events = decideIssueToken(command, applications, now);
      for (const { type, data } of events) {
        if (type === 'ApplicationTokenIssued') issued = { created: now, expires: data.expires };
      }
      return events;
    });
    if (!issued) throw new Error('a token was decided on, but not issued');
    return { tokenId, token: secret, ...issued };
  }

  /** It serves nobody any more when this answers. @throws ApplicationTokenUnknown */
  async revokeToken(namespaceId: NamespaceId, revocation: RevokeToken, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, ({ applications }) => decideRevokeToken(revocation, applications));
  }

  /** @throws ApplicationUnknown */
  async assign(namespaceId: NamespaceId, assignment: NewAssignment, context: CommandContext): Promise<string> {
    const { scopes, ...rest } = assignment;
    const command = { ...rest, scope: scopeText(scopes), assignmentId: this.deps.ids.next() };
    await this.#decide(namespaceId, context, ({ applications }) => decideAssignAuthorization(command, applications));
    return command.assignmentId;
  }

  /** @throws AssignmentUnknown */
  async removeAssignment(namespaceId: NamespaceId, assignmentId: string, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, ({ applications }) => decideRemoveAssignment(assignmentId, applications));
  }

  async #decide(namespaceId: NamespaceId, context: CommandContext, decide: Decide): Promise<void> {
    await this.deps.streams.decide(organizationAggregate, organizationStream(namespaceId), context, decide);
  }

  async #described(
    namespaceId: NamespaceId,
    clientId: string,
    { avatarEmail, ...description }: ApplicationDescription,
  ): Promise<DescribeApplication> {
    const id = this.deps.ids.next() as EventId;
    const sealed = avatarEmail === null ? null : await this.#seal(namespaceId, `${id}/avatarEmail`, avatarEmail);
    return { id, clientId, ...description, avatarEmail: sealed };
  }

  #newSecret(namespaceId: NamespaceId, id: EventId): Promise<Sealed> {
    return this.#seal(namespaceId, `${id}/secret`, generatedSecret(SECRET_LENGTH, UPPER_ALPHANUMERIC));
  }

  /** The namespace's key is destroyed with it, and its applications end with it. @throws ApplicationUnknown */
  async #seal(namespaceId: NamespaceId, binding: string, plain: string): Promise<Sealed> {
    try {
      return await this.deps.sealing.seal(namespaceSubject(namespaceId), binding, plain);
    } catch (error) {
      if (error instanceof KeyDestroyed) throw new ApplicationUnknown();
      throw error;
    }
  }
}
