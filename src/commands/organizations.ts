import { decideConvertNamespace } from '../domain/namespace/naming.js';
import { decideCreateNamespace, namespaceAggregate } from '../domain/namespace/namespace.js';
import type { NamespaceEvent } from '../domain/namespace/events.js';
import { organizationAggregate } from '../domain/organization/organization.js';
import { decideForget, decideLeave } from '../domain/organization/team/members.js';
import type { Member } from '../domain/organization/team/events.js';
import { decideFound, decideTakeOver } from '../domain/organization/team/teams.js';
import { RepositoryUnknown } from '../domain/repository/errors.js';
import type { AccountId, EventId, NamespaceId, RepositoryId, TeamId } from '../domain/shared/ids.js';
import type { NamespaceName } from '../domain/shared/namespaceName.js';
import type { Ids } from '../ports/clock.js';
import { claimNamespaceName } from './claimants.js';
import type { CommandContext } from './context.js';
import type { NamespaceCommands } from './namespaces.js';
import type { RepositoryCommands } from './repositories.js';
import { namespaceSubject, type Sealing } from './sealing.js';
import { namespaceStream, organizationStream } from './streamNames.js';
import type { Streams } from './streams.js';

export type CreateOrganization = {
  readonly name: NamespaceName;
  readonly email: string | null;
  readonly owner: AccountId;
  readonly timeMachineSeconds: number;
};

export type OrganizationDeps = {
  readonly streams: Streams;
  readonly sealing: Sealing;
  readonly ids: Ids;
  readonly namespaces: Pick<NamespaceCommands, 'setContactEmail' | 'delete'>;
  readonly repositories: Pick<RepositoryCommands, 'revoke'>;
  /** Where in a namespace somebody was granted something himself. */
  readonly grantedIn: (id: NamespaceId, member: Member) => AsyncIterable<RepositoryId>;
  /** The organizations that know somebody by a team, an invite or a default permission. */
  readonly organizationsNaming: (member: Member) => Promise<Iterable<NamespaceId>>;
};

/** Organizations as a whole; their names and settings are those of every namespace (`namespaces.ts`). */
export class OrganizationCommands {
  constructor(private readonly deps: OrganizationDeps) {}

  /**
   * Claims the name, makes the team of its owners, then the namespace: who is interrupted leaves a team that nobody can
   * find, and a name that the next one may take.
   *
   * @throws NameTaken
   */
  async create(command: CreateOrganization, context: CommandContext): Promise<NamespaceId> {
    const { streams, ids } = this.deps;
    const { name, owner, timeMachineSeconds } = command;
    const namespaceId = ids.next() as NamespaceId;
    await claimNamespaceName(streams, context, { name, namespaceId });
    await this.#found(namespaceId, owner, context);
    const namespace = { name, kind: 'organization', owner: null, timeMachineSeconds } as const;
    const contact = command.email === null ? [] : [await this.#contact(namespaceId, command.email)];
    await streams.decide(namespaceAggregate, namespaceStream(namespaceId), context, (state) => [
      ...decideCreateNamespace(namespace, state),
      ...contact,
    ]);
    return namespaceId;
  }

  /**
   * Makes an organization of a user's namespace: name, repositories and robots stay. The account is its caller's
   * business: it must not sign in any more.
   *
   * @param email of the account, which the organization keeps
   * @throws NamespaceIsOrganization
   */
  async convert(
    namespaceId: NamespaceId,
    { administrator, email }: { readonly administrator: AccountId; readonly email: string | null },
    context: CommandContext,
  ): Promise<void> {
    await this.takeOver(namespaceId, administrator, context);
    const contact = email === null ? [] : [await this.#contact(namespaceId, email)];
    await this.deps.streams.decide(namespaceAggregate, namespaceStream(namespaceId), context, (state) => [
      ...decideConvertNamespace(state),
      ...contact,
    ]);
  }

  /** Makes somebody an administrator, whoever administers it now. */
  async takeOver(namespaceId: NamespaceId, accountId: AccountId, context: CommandContext): Promise<void> {
    const teamId = this.deps.ids.next() as TeamId;
    await this.deps.streams.decide(organizationAggregate, organizationStream(namespaceId), context, (state) =>
      decideTakeOver({ teamId, accountId }, state),
    );
  }

  /** With its repositories; the name is free at once. */
  delete(namespaceId: NamespaceId, context: CommandContext): Promise<void> {
    return this.deps.namespaces.delete(namespaceId, context);
  }

  /**
   * Takes a member's teams and whatever was granted to him alone in its repositories; also drops who was never a member.
   *
   * @throws AdminNeeded for the only administrator
   */
  async removeMember(namespaceId: NamespaceId, member: Member, context: CommandContext): Promise<void> {
    const { streams, repositories, grantedIn } = this.deps;
    await streams.decide(organizationAggregate, organizationStream(namespaceId), context, (state) =>
      decideLeave(member, state),
    );
    for await (const id of grantedIn(namespaceId, member))
      await repositories.revoke(id, member, context).catch(ignoreGone);
  }

  /** Ends all memberships, invites and default permissions of an account or robot that is no more. */
  async forget(member: Member, context: CommandContext): Promise<void> {
    for (const id of await this.deps.organizationsNaming(member)) {
      await this.deps.streams.decide(organizationAggregate, organizationStream(id), context, (state) =>
        decideForget(member, state),
      );
    }
  }

  async #found(namespaceId: NamespaceId, owner: AccountId, context: CommandContext): Promise<void> {
    const teamId = this.deps.ids.next() as TeamId;
    await this.deps.streams.decide(organizationAggregate, organizationStream(namespaceId), context, (state) =>
      decideFound({ teamId, owner }, state),
    );
  }

  /** The first address of a namespace that has none. */
  async #contact(namespaceId: NamespaceId, address: string): Promise<NamespaceEvent> {
    const { sealing, ids } = this.deps;
    const id = ids.next() as EventId;
    const email = await sealing.seal(namespaceSubject(namespaceId), `${id}/email`, address);
    const emailHmac = await sealing.lookup('email', address.toLowerCase());
    return { id, type: 'ContactEmailSet', data: { email, emailHmac, previous: null } };
  }
}

function ignoreGone(error: unknown): void {
  if (!(error instanceof RepositoryUnknown)) throw error;
}
