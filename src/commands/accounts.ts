import {
  accountAggregate,
  decideChangePassword,
  decideEndSessions,
  decideRegister,
  decideSetDisabled,
  decideSignIn,
} from '../domain/account/account.js';
import { decideCreateNamespace, namespaceAggregate } from '../domain/namespace/namespace.js';
import type { NamespaceName } from '../domain/shared/namespaceName.js';
import type { AccountId, EventId, NamespaceId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import { accountLives, claimNamespaceName } from './claimants.js';
import type { CommandContext } from './context.js';
import { claimName } from './names.js';
import type { PasswordHasher } from './passwords.js';
import { accountSubject, type Sealing } from './sealing.js';
import { accountStream, emailNameStream, namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type RegisterUser = {
  readonly name: NamespaceName;
  readonly email: string | null;
  readonly password: string | null;
  readonly superuser: boolean;
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
   * Claims the name, then the e-mail, then creates the namespace and the account.
   *
   * @throws NameTaken for the name or the e-mail; AccountExists if somebody took the name over meanwhile
   */
  async register(command: RegisterUser, context: CommandContext): Promise<RegisteredUser> {
    const { streams, sealing, passwords, ids } = this.deps;
    const accountId = ids.next() as AccountId;
    const namespaceId = ids.next() as NamespaceId;
    const events = { registered: ids.next() as EventId, password: ids.next() as EventId };
    const subject = accountSubject(accountId);
    const passwordHash = command.password === null ? null : await passwords.hash(command.password);

    await claimNamespaceName(streams, context, { name: command.name, namespaceId });
    const emailHmac = command.email === null ? null : await this.#claimEmail(command.email, accountId, context);

    const { name, superuser, timeMachineSeconds } = command;
    const namespace = { name, kind: 'user', owner: accountId, timeMachineSeconds } as const;
    const sealed = (id: EventId, field: string, plain: string | null) =>
      plain === null ? null : sealing.seal(subject, `${id}/${field}`, plain);
    const account = {
      name,
      namespaceId,
      email: await sealed(events.registered, 'email', command.email),
      emailHmac,
      verified: true,
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
    const passwordHash = await this.deps.sealing.seal(accountSubject(accountId), `${id}/passwordHash`, hash);
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideChangePassword({ id, passwordHash }, state),
    );
  }

  async setDisabled(accountId: AccountId, disabled: boolean, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideSetDisabled(disabled, state),
    );
  }

  /** Somebody proved that he is this one and begins a session. */
  async signIn(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, decideSignIn);
  }

  /** No session that began before this answers goes on anywhere. */
  async endSessions(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, decideEndSessions);
  }

  async #claimEmail(email: string, accountId: AccountId, context: CommandContext): Promise<string> {
    const emailHmac = await this.deps.sealing.lookup('email', email.toLowerCase());
    await claimName(this.deps.streams, context, {
      stream: emailNameStream(emailHmac),
      name: email,
      claimant: accountStream(accountId),
      bears: (owner) => accountLives(this.deps.streams, owner, context),
    });
    return emailHmac;
  }
}
