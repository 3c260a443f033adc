import { namespaceAggregate, activeNamespace, type Namespace } from '../domain/namespace/namespace.js';
import type { NamespaceEvent } from '../domain/namespace/events.js';
import { decideDeleteNamespace, decideRenameNamespace, NameClaimLost } from '../domain/namespace/naming.js';
import { decideSetContactEmail, decideSetInvoicing, decideSetTimeMachineWindow } from '../domain/namespace/settings.js';
import { RepositoryUnknown } from '../domain/repository/errors.js';
import type { EventId, NamespaceId, RepositoryId } from '../domain/shared/ids.js';
import type { NamespaceName } from '../domain/shared/namespaceName.js';
import type { Ids } from '../ports/clock.js';
import { claimNamespaceName, releaseNamespaceName } from './claimants.js';
import type { CommandContext } from './context.js';
import type { RepositoryCommands } from './repositories.js';
import { accountSubject, namespaceSubject, type Sealing } from './sealing.js';
import { namespaceStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type NamespaceDeps = {
  readonly streams: Streams;
  readonly sealing: Sealing;
  readonly ids: Ids;
  readonly repositories: Pick<RepositoryCommands, 'delete'>;
  /** The repositories of a namespace; some of them may be gone when they are reached. */
  readonly repositoriesIn: (id: NamespaceId) => AsyncIterable<RepositoryId>;
};

/** A change of what only the caller can see in clear. */
export type Changed = { readonly from: string | null; readonly to: string | null };

const RENAMES = 3;

/** What the namespaces of users and organizations have in common: name, settings, end. */
export class NamespaceCommands {
  constructor(private readonly deps: NamespaceDeps) {}

  /**
   * Repositories keep their ids and all that was granted in them: only their paths change.
   *
   * @throws NameTaken
   */
  async rename(namespaceId: NamespaceId, name: NamespaceName, context: CommandContext): Promise<void> {
    const { streams } = this.deps;
    for (let attempt = 1; ; attempt++) {
      const { lapsedClaims, name: present } = activeNamespace(await this.#load(namespaceId));
      if (present === name) return;
      await claimNamespaceName(streams, context, { name, namespaceId });
      let old = present;
      try {
        await this.#decide(namespaceId, context, (state) => {
          old = activeNamespace(state).name;
          return decideRenameNamespace({ name, lapsedClaims }, state);
        });
      } catch (error) {
        if (!(error instanceof NameClaimLost) || attempt === RENAMES) throw error;
        continue;
      }
      if (old !== name) await releaseNamespaceName(streams, context, { name: old, namespaceId });
      return;
    }
  }

  /** @throws ContactEmailChanged where `from` is not the present address */
  async setContactEmail(namespaceId: NamespaceId, { from, to }: Changed, context: CommandContext): Promise<void> {
    if (from === to) return;
    const id = this.deps.ids.next() as EventId;
    const hmac = (email: string | null) =>
      email === null ? null : this.deps.sealing.lookup('email', email.toLowerCase());
    const command = {
      id,
      email: await this.#seal(namespaceId, `${id}/email`, to),
      emailHmac: await hmac(to),
      previous: await this.#seal(namespaceId, `${id}/previous`, from),
      previousHmac: await hmac(from),
    };
    await this.#decide(namespaceId, context, (state) => decideSetContactEmail(command, state));
  }

  async setInvoiceEmail(namespaceId: NamespaceId, invoiceEmail: boolean, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideSetInvoicing({ invoiceEmail }, state));
  }

  async setInvoiceEmailAddress(namespaceId: NamespaceId, to: string | null, context: CommandContext): Promise<void> {
    const id = this.deps.ids.next() as EventId;
    const invoiceEmailAddress = await this.#seal(namespaceId, `${id}/invoiceEmailAddress`, to);
    await this.#decide(namespaceId, context, (state) => decideSetInvoicing({ id, invoiceEmailAddress }, state));
  }

  /** How far back its tags can be restored. */
  async setTimeMachineWindow(namespaceId: NamespaceId, seconds: number, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideSetTimeMachineWindow(seconds, state));
  }

  /**
   * Repositories first, then what was sealed with its key, then the namespace: who is interrupted finds it still there,
   * and what is gone has left nothing that could be read. The name is free at once.
   */
  async delete(namespaceId: NamespaceId, context: CommandContext): Promise<void> {
    const { streams, sealing, repositories, repositoriesIn } = this.deps;
    const { name, convertedFrom } = activeNamespace(await this.#load(namespaceId));
    for await (const id of repositoriesIn(namespaceId)) await repositories.delete(id, context).catch(ignoreGone);
    await sealing.destroy(namespaceSubject(namespaceId));
    // What the account had sealed stayed readable for the organization that it became, and no longer.
    if (convertedFrom !== null) await sealing.destroy(accountSubject(convertedFrom));
    await this.#decide(namespaceId, context, decideDeleteNamespace);
    await releaseNamespaceName(streams, context, { name, namespaceId });
  }

  #load(id: NamespaceId): Promise<Namespace> {
    return this.deps.streams.load(namespaceAggregate, namespaceStream(id));
  }

  async #decide(
    id: NamespaceId,
    context: CommandContext,
    decide: (state: Namespace) => NamespaceEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(namespaceAggregate, namespaceStream(id), context, decide);
  }

  async #seal(id: NamespaceId, binding: string, plain: string | null) {
    return plain === null ? null : this.deps.sealing.seal(namespaceSubject(id), binding, plain);
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof RepositoryUnknown)) throw error;
}
