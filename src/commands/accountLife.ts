import { accountAggregate, active, type ActiveAccount } from '../domain/account/account.js';
import { decideConvert, decideDelete } from '../domain/account/lifecycle.js';
import { namespaceAggregate, type Namespace } from '../domain/namespace/namespace.js';
import { RepositoryUnknown } from '../domain/repository/errors.js';
import type { Grantee } from '../domain/repository/events.js';
import type { AccountId, NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import type { NamespaceName } from '../domain/shared/namespaceName.js';
import { renameAlong } from './claimants.js';
import type { CommandContext } from './context.js';
import { releaseEmail } from './emailClaims.js';
import type { NamespaceCommands } from './namespaces.js';
import type { OrganizationCommands } from './organizations.js';
import type { RepositoryCommands } from './repositories.js';
import { accountSubject, type Sealing } from './sealing.js';
import { accountStream, namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type AccountLifeDeps = {
  readonly streams: Streams;
  readonly sealing: Sealing;
  readonly namespaces: Pick<NamespaceCommands, 'rename' | 'delete'>;
  readonly organizations: Pick<OrganizationCommands, 'convert' | 'forget'>;
  readonly repositories: Pick<RepositoryCommands, 'revoke'>;
  /** Where somebody was granted something himself. */
  readonly grantedTo: (grantee: Grantee) => AsyncIterable<RepositoryId>;
};

/** What changes an account together with the namespace that belongs to it: another name, an organization, its end. */
export class AccountLifeCommands {
  constructor(private readonly deps: AccountLifeDeps) {}

  /**
   * The namespace first, which claims the name: whoever finds an account that did not follow it completes that. Robots
   * and repositories follow, because they are named by the namespace.
   *
   * @throws NameTaken, AccountUnknown
   */
  async rename(accountId: AccountId, name: NamespaceName, context: CommandContext): Promise<void> {
    const { namespaceId } = await this.#active(accountId);
    await this.deps.namespaces.rename(namespaceId, name, context);
    await renameAlong(this.deps.streams, accountId, name, context);
  }

  /**
   * Everything that hangs on the account goes before it does: who is interrupted finds it still there and may go on.
   * Its name and its address are free at once, and what was sealed with its key reads as erased.
   *
   * @param orphans the organizations that nobody else administers; none where a superuser decides
   * @throws SoleAdministrator, AccountUnknown
   */
  async delete(accountId: AccountId, orphans: readonly string[], context: CommandContext): Promise<void> {
    const { streams, sealing, namespaces, organizations } = this.deps;
    const account = await this.#active(accountId);
    decideDelete(orphans, account);
    if ((await this.#namespace(account.namespaceId)).kind === 'active') {
      await namespaces.delete(account.namespaceId, context);
    }
    await organizations.forget({ kind: 'user', id: accountId }, context);
    await this.#revokeGrants(accountId, context);
    await sealing.destroy(accountSubject(accountId));
    await streams.decide(accountAggregate, accountStream(accountId), context, (state) => decideDelete([], state));
    await this.#releaseEmail(accountId, account, context);
  }

  /**
   * Makes an organization of an account: its namespace stays with all that is in it, nobody signs in as it any more.
   * Whoever was interrupted may go on.
   *
   * @param email of the account, which the organization keeps
   */
  async convert(
    accountId: AccountId,
    { administrator, email }: { readonly administrator: AccountId; readonly email: string | null },
    context: CommandContext,
  ): Promise<void> {
    const { streams, organizations } = this.deps;
    const account = await this.#active(accountId);
    const namespace = await this.#namespace(account.namespaceId);
    if (namespace.kind === 'active' && namespace.type === 'user') {
      await organizations.convert(account.namespaceId, { administrator, email }, context);
    }
    await organizations.forget({ kind: 'user', id: accountId }, context);
    await this.#revokeGrants(accountId, context);
    await streams.decide(accountAggregate, accountStream(accountId), context, decideConvert);
    await this.#releaseEmail(accountId, account, context);
  }

  async #active(id: AccountId): Promise<ActiveAccount> {
    return active(await this.deps.streams.load(accountAggregate, accountStream(id)));
  }

  #namespace(id: NamespaceId): Promise<Namespace> {
    return this.deps.streams.load(namespaceAggregate, namespaceStream(id));
  }

  async #revokeGrants(accountId: AccountId, context: CommandContext): Promise<void> {
    const grantee: Grantee = { kind: 'user', id: accountId };
    for await (const id of this.deps.grantedTo(grantee)) {
      try {
        await this.deps.repositories.revoke(id, grantee, context);
      } catch (error) {
        // The repository is gone, and with it what was granted there.
        if (!(error instanceof RepositoryUnknown)) throw error;
      }
    }
  }

  async #releaseEmail(accountId: AccountId, { emailHmac }: ActiveAccount, context: CommandContext): Promise<void> {
    if (emailHmac !== null) await releaseEmail(this.deps.streams, context, { hmac: emailHmac, accountId });
  }
}
