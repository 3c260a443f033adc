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
import type { AccountId, EventId, NamespaceId, StreamName } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { claimName, waitForCreation } from './names.js';
import type { PasswordHasher } from './passwords.js';
import { accountSubject, type Sealing } from './sealing.js';
import { accountStream, emailNameStream, namespaceNameStream, namespaceStream } from './streamNames.js';
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

    await claimName(streams, context, {
      stream: namespaceNameStream(command.name),
      name: command.name,
      claimant: namespaceStream(namespaceId),
      bears: (owner) => this.#namespaceBears(owner, context),
    });
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
      bears: (owner) => this.#accountLives(owner, context),
    });
    return emailHmac;
  }

  /** A namespace bears its name until it is deleted; one whose creation got stuck half-way never did. */
  async #namespaceBears(owner: StreamName, context: CommandContext): Promise<boolean> {
    const { streams } = this.deps;
    await waitForCreation(async () => (await streams.load(namespaceAggregate, owner)).kind !== 'none');
    const { state } = await streams.decide(namespaceAggregate, owner, context, ({ kind }) =>
      kind === 'none' ? [{ type: 'CreationAbandoned', data: {} }] : [],
    );
    if (state.kind !== 'active') return false;
    if (state.owner === null || (await this.#accountLives(accountStream(state.owner), context))) return true;
    await streams.decide(namespaceAggregate, owner, context, ({ kind }) =>
      kind === 'active' ? [{ type: 'NamespaceDeleted', data: {} }] : [],
    );
    return false;
  }

  async #accountLives(owner: StreamName, context: CommandContext): Promise<boolean> {
    const { streams } = this.deps;
    await waitForCreation(async () => (await streams.load(accountAggregate, owner)).kind !== 'none');
    const { state } = await streams.decide(accountAggregate, owner, context, (account) =>
      account.kind === 'none' ? [{ type: 'CreationAbandoned', data: {} }] : [],
    );
    return state.kind === 'active';
  }
}
