import { accountAggregate, type Account } from '../domain/account/account.js';
import type { AccountEvent } from '../domain/account/events.js';
import {
  decideChangePassword,
  decideEndSessions,
  decideGenerateClientKey,
  decideRegister,
  decideSetDisabled,
  decideSignIn,
} from '../domain/account/lifecycle.js';
import { decideCreateNamespace, namespaceAggregate } from '../domain/namespace/namespace.js';
import type { NamespaceName } from '../domain/shared/namespaceName.js';
import type { AccountId, EventId, NamespaceId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import { claimNamespaceName, releaseNamespaceName } from './claimants.js';
import { sealForAccount } from './accountSealing.js';
import type { CommandContext } from './context.js';
import { claimEmail, emailHmac } from './emailClaims.js';
import { claimFirstAccount, releaseFirstAccount } from './firstAccount.js';
import type { PasswordHasher } from './passwords.js';
import { accountSubject, type Sealing } from './sealing.js';
import { accountStream, namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type RegisterUser = {
  readonly name: NamespaceName;
  readonly email: string | null;
  readonly password: string | null;
  readonly superuser: boolean;
  /** Whether the address is known to be his; absent: nobody asks. */
  readonly verified?: boolean;
  /** Whether he initializes the registry, which only one may. */
  readonly first?: boolean;
  /** The window of the time machine for his own namespace, in seconds. */
  readonly timeMachineSeconds: number;
};

export type RegisteredUser = { readonly accountId: AccountId; readonly namespaceId: NamespaceId };

/** People: registered with a name, an e-mail and a namespace of their own. */
export class AccountCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly sealing: Sealing;
      readonly passwords: PasswordHasher;
      readonly ids: Ids;
    },
  ) {}

  /**
   * Claims the name, then the e-mail, then creates the namespace and the account. Who is to be the first one claims that
   * before all else.
   *
   * @throws NameTaken, EmailTaken, FirstAccountExists; AccountExists, NamespaceExists if somebody took a claim over meanwhile
   */
  async register(command: RegisterUser, context: CommandContext): Promise<RegisteredUser> {
    const { streams, sealing, passwords, ids } = this.deps;
    const accountId = ids.next() as AccountId;
    const namespaceId = ids.next() as NamespaceId;
    const events = { registered: ids.next() as EventId, password: ids.next() as EventId };
    const subject = accountSubject(accountId);
    const passwordHash = command.password === null ? null : await passwords.hash(command.password);

    const hmac = await this.#claim(command, accountId, namespaceId, context);

    const { name, superuser, timeMachineSeconds } = command;
    const namespace = { name, kind: 'user', owner: accountId, timeMachineSeconds } as const;
    const sealed = (id: EventId, field: string, plain: string | null) =>
      plain === null ? null : sealing.seal(subject, `${id}/${field}`, plain);
    const account = {
      name,
      namespaceId,
      email: await sealed(events.registered, 'email', command.email),
      emailHmac: hmac,
      verified: command.verified ?? true,
      superuser,
      passwordHash: await sealed(events.password, 'passwordHash', passwordHash),
      ids: events,
    };
    await streams.decide(namespaceAggregate, namespaceStream(namespaceId), context, (state) =>
      decideCreateNamespace(namespace, state),
    );
    await streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideRegister(account, state),
    );
    return { accountId, namespaceId };
  }

  /** A new generation of the credential: what the old one issued is void when this answers. */
  async changePassword(accountId: AccountId, password: string, context: CommandContext): Promise<void> {
    const id = this.deps.ids.next() as EventId;
    const hash = await this.deps.passwords.hash(password);
    const passwordHash = await sealForAccount(this.deps.sealing, accountId, `${id}/passwordHash`, hash);
    await this.#decide(accountId, context, (state) => decideChangePassword({ id, passwordHash }, state));
  }

  async setDisabled(accountId: AccountId, disabled: boolean, context: CommandContext): Promise<void> {
    await this.#decide(accountId, context, (state) => decideSetDisabled(disabled, state));
  }

  /** Somebody proved that he is this one and begins a session. */
  async signIn(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.#decide(accountId, context, decideSignIn);
  }

  /** No session that began before this answers goes on anywhere. */
  async endSessions(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.#decide(accountId, context, decideEndSessions);
  }

  /** His password was encrypted for a client to store: nothing changes, but it is told. */
  async generateClientKey(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.#decide(accountId, context, decideGenerateClientKey);
  }

  async #decide(
    accountId: AccountId,
    context: CommandContext,
    decide: (state: Account) => AccountEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, decide);
  }

  /** @returns what the log knows of the e-mail */
  async #claim(
    { first, name, email }: RegisterUser,
    accountId: AccountId,
    namespaceId: NamespaceId,
    context: CommandContext,
  ): Promise<string | null> {
    const { streams } = this.deps;
    const releases: (() => Promise<void>)[] = [];
    try {
      if (first === true) {
        await claimFirstAccount(streams, context, accountId);
        releases.push(() => releaseFirstAccount(streams, context, accountId));
      }
      await claimNamespaceName(streams, context, { name, namespaceId });
      releases.push(() => releaseNamespaceName(streams, context, { name, namespaceId }));
      return await this.#claimEmail(email, accountId, context);
    } catch (error) {
      // The next one need not wait for an account that will not come.
      for (const release of releases.toReversed()) {
        // Why it was refused is what the caller has to know. A claim that stays is taken over from who does not exist.
        await release().catch(() => undefined);
      }
      throw error;
    }
  }

  async #claimEmail(email: string | null, accountId: AccountId, context: CommandContext): Promise<string | null> {
    if (email === null) return null;
    const hmac = await emailHmac(this.deps.sealing, email);
    await claimEmail(this.deps.streams, context, { email, hmac, accountId });
    return hmac;
  }
}
