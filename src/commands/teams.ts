import { randomUUID } from 'node:crypto';
import type { Administrator } from '../domain/organization/administrators.js';
import type { OrganizationEvent } from '../domain/organization/events.js';
import {
  decideAccept,
  decideDecline,
  decideInviteByEmail,
  decideWithdrawEmail,
  type AnswerInvite,
} from '../domain/organization/invite/invites.js';
import { invitesOf, userInvitee } from '../domain/organization/invite/state.js';
import { organizationAggregate, type Organization } from '../domain/organization/organization.js';
import type { Member } from '../domain/organization/team/events.js';
import { decideAddMember, decideRemoveMember } from '../domain/organization/team/members.js';
import { decideDeleteTeam, decideSetTeam, type DeleteTeam, type SetTeam } from '../domain/organization/team/teams.js';
import type { AccountId, EventId, InviteId, NamespaceId, TeamId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import type { CommandContext } from './context.js';
import { namespaceSubject, type Sealing } from './sealing.js';
import { organizationStream } from './streamNames.js';
import type { Decided, Streams } from './streams.js';

/** A team by what cannot change. */
export type TeamAddress = { readonly namespaceId: NamespaceId; readonly teamId: TeamId };

/** Somebody, and how he is called in what is said of him. */
export type Named = { readonly member: Member; readonly name: string };

/** What the code of an invite is found by. */
export const inviteCodeLookup = (sealing: Pick<Sealing, 'lookup'>, code: string): Promise<string> =>
  sealing.lookup('team-invite', code);

/** Teams, who belongs to them, and who is invited to. A right that is taken away is gone when the command answers. */
export class TeamCommands {
  constructor(private readonly deps: { readonly streams: Streams; readonly sealing: Sealing; readonly ids: Ids }) {}

  /** Creates the team of that name, or brings it up to date. @throws AdminNeeded */
  async set(
    namespaceId: NamespaceId,
    command: Omit<SetTeam, 'teamId'>,
    context: CommandContext,
  ): Promise<{ readonly created: boolean }> {
    const teamId = this.deps.ids.next() as TeamId;
    const { events } = await this.#decide(namespaceId, context, (state) =>
      decideSetTeam({ teamId, ...command }, state),
    );
    return { created: events.some(({ type }) => type === 'TeamCreated') };
  }

  /** @throws TeamUnknown, AdminNeeded */
  async delete(namespaceId: NamespaceId, command: DeleteTeam, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideDeleteTeam(command, state));
  }

  /**
   * @param byInvitation whether people who are new to the organization have to agree
   * @returns the invite that waits for him; null where he is a member now
   * @throws TeamGone, AlreadyMember
   */
  async addMember(
    { namespaceId, teamId }: TeamAddress,
    { member, name }: Named,
    { inviter, byInvitation }: { readonly inviter: AccountId; readonly byInvitation: boolean },
    context: CommandContext,
  ): Promise<InviteId | null> {
    const inviteId = this.deps.ids.next() as InviteId;
    const command = { teamId, member, name, inviteId, inviter, byInvitation };
    const { state } = await this.#decide(namespaceId, context, (before) => decideAddMember(command, before));
    const [waiting] = member.kind === 'user' ? invitesOf(state.invites, userInvitee(member.id), teamId) : [];
    return waiting?.id ?? null;
  }

  /** Withdraws his invites; without any, ends his membership. @throws TeamGone, NotMember, AdminNeeded */
  async removeMember(
    { namespaceId, teamId }: TeamAddress,
    { member, name }: Named,
    caller: Administrator,
    context: CommandContext,
  ): Promise<void> {
    const command = { teamId, member, name, caller };
    await this.#decide(namespaceId, context, (state) => decideRemoveMember(command, state));
  }

  /** @returns the code of the invite: nobody but who reads mail at the address may have it @throws TeamGone */
  async inviteEmail(
    { namespaceId, teamId }: TeamAddress,
    address: string,
    inviter: AccountId,
    context: CommandContext,
  ): Promise<string> {
    const { sealing, ids } = this.deps;
    const inviteId = ids.next() as InviteId;
    const eventId = ids.next() as EventId;
    const code = randomUUID();
    const command = {
      ...{ inviteId, teamId, inviter, eventId },
      email: await sealing.seal(namespaceSubject(namespaceId), `${eventId}/email`, address),
      emailHmac: await this.#hmac(address),
      codeHmac: await inviteCodeLookup(sealing, code),
    };
    await this.#decide(namespaceId, context, (state) => decideInviteByEmail(command, state));
    return code;
  }

  /** @throws TeamGone, InviteUnknown */
  async withdrawEmail({ namespaceId, teamId }: TeamAddress, address: string, context: CommandContext): Promise<void> {
    const command = { teamId, emailHmac: await this.#hmac(address) };
    await this.#decide(namespaceId, context, (state) => decideWithdrawEmail(command, state));
  }

  /** @throws InviteUnknown, InviteForSomebodyElse */
  async accept(namespaceId: NamespaceId, command: AnswerInvite, context: CommandContext): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideAccept(command, state));
  }

  /** @throws InviteUnknown */
  async decline(
    namespaceId: NamespaceId,
    command: Pick<AnswerInvite, 'inviteId' | 'accountId'>,
    context: CommandContext,
  ): Promise<void> {
    await this.#decide(namespaceId, context, (state) => decideDecline(command, state));
  }

  #hmac(address: string): Promise<string> {
    return this.deps.sealing.lookup('email', address.toLowerCase());
  }

  #decide(
    id: NamespaceId,
    context: CommandContext,
    decide: (state: Organization) => OrganizationEvent[],
  ): Promise<Decided<Organization, OrganizationEvent>> {
    return this.deps.streams.decide(organizationAggregate, organizationStream(id), context, decide);
  }
}
