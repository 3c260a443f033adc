import type { NamespaceId } from '../domain/shared/ids.js';
import type { TeamRole } from '../domain/organization/team/events.js';
import { BY_KEY, type Collection, type Page } from '../ports/documentStore.js';
import { prefixed } from './keyRange.js';
import type {
  DefaultPermissionDocument,
  InviteDocument,
  OrganizationDocument,
  TeamDocument,
  TeamMemberDocument,
} from './organizations.js';
import { everything } from './pages.js';

/** One of the teams that somebody belongs to. */
export type Membership = { readonly namespaceId: string; readonly teamId: string; readonly role: TeamRole };

export type OrganizationCollections = {
  readonly organizations: Collection<OrganizationDocument>;
  readonly teams: Collection<TeamDocument>;
  readonly members: Collection<TeamMemberDocument>;
  readonly invites: Collection<InviteDocument>;
  readonly defaultPermissions: Collection<DefaultPermissionDocument>;
};

/** Members are named `user:<id>` or `robot:<id>`, invitees also `email:<hmac>`. */
export class OrganizationQueries {
  constructor(private readonly collections: OrganizationCollections) {}

  /** The teams of one organization that somebody belongs to. */
  async memberships(member: string, namespaceId: string): Promise<readonly Membership[]> {
    const { members } = this.collections;
    return this.#living(await everything(members, { index: 'byMember', equals: [member, namespaceId] }));
  }

  /** The teams that somebody belongs to, in all organizations; those of one organization follow each other. */
  async membershipsOf(member: string): Promise<readonly Membership[]> {
    return this.#living(await everything(this.collections.members, { index: 'byMember', equals: [member] }));
  }

  /** In the order of their creation. */
  async teams(namespaceId: string): Promise<readonly TeamDocument[]> {
    const organization = await this.collections.organizations.get(namespaceId);
    return present(await this.collections.teams.getMany(organization?.teams ?? []));
  }

  async team(namespaceId: string, name: string): Promise<TeamDocument | undefined> {
    const page = await this.collections.teams.find({ index: 'byName', equals: [namespaceId, name], limit: 1 });
    return page.documents[0];
  }

  /** In the order of the ids; undefined where there is none. */
  teamsById(ids: readonly string[]): Promise<readonly (TeamDocument | undefined)[]> {
    return this.collections.teams.getMany(ids);
  }

  /** Teams of one organization whose names begin so, in order of name. */
  teamsNamed(namespaceId: string, prefix: string, limit: number): Promise<Page<TeamDocument>> {
    const range = prefix === '' ? {} : prefixed(prefix);
    return this.collections.teams.find({ index: 'byName', equals: [namespaceId], ...range, limit });
  }

  /** Who belongs to a team. */
  async members(teamId: string): Promise<readonly string[]> {
    const query = { index: BY_KEY, equals: [], ...prefixed(`${teamId}/`) };
    const found = await everything(this.collections.members, query);
    return found.map(({ member }) => member);
  }

  /** Who belongs to which teams of an organization. */
  async membersIn(namespaceId: string): Promise<ReadonlyMap<string, readonly TeamDocument[]>> {
    const [teams, members] = await Promise.all([
      this.teams(namespaceId),
      everything(this.collections.members, { index: 'byNamespace', equals: [namespaceId] }),
    ]);
    const byId = new Map(teams.map((team) => [team.id, team]));
    const membersIn = new Map<string, TeamDocument[]>();
    for (const { member, teamId } of members) {
      const team = byId.get(teamId);
      if (team) membersIn.set(member, [...(membersIn.get(member) ?? []), team]);
    }
    return membersIn;
  }

  invite(id: string): Promise<InviteDocument | undefined> {
    return this.collections.invites.get(id);
  }

  /**
   * The invite that a code stands for, if its team is there.
   *
   * @param codeHmac see `inviteCodeLookup`
   */
  async inviteByCode(code: string, codeHmac: string): Promise<InviteDocument | undefined> {
    const { invites, teams } = this.collections;
    const sent = (await invites.find({ index: 'byCode', equals: [codeHmac], limit: 1 })).documents[0];
    const byId = sent ? undefined : await invites.get(code);
    const invite = sent ?? (byId?.codeHmac === null ? byId : undefined);
    return invite && (await teams.get(invite.teamId)) ? invite : undefined;
  }

  /** Oldest first. */
  invitesTo(teamId: string): Promise<readonly InviteDocument[]> {
    return everything(this.collections.invites, { index: 'byTeam', equals: [teamId] });
  }

  /** What somebody was invited to and has not answered yet. */
  async invitesFor(invitee: string): Promise<readonly InviteDocument[]> {
    const invites = await everything(this.collections.invites, { index: 'byInvitee', equals: [invitee] });
    const teams = await this.collections.teams.getMany(invites.map(({ teamId }) => teamId));
    return invites.filter((_, index) => teams[index] !== undefined);
  }

  /** Oldest first, without those that name a team which is gone. */
  async defaultPermissions(namespaceId: string): Promise<readonly DefaultPermissionDocument[]> {
    const [teams, permissions] = await Promise.all([
      this.teams(namespaceId),
      everything(this.collections.defaultPermissions, { index: 'byNamespace', equals: [namespaceId] }),
    ]);
    const living = new Set(teams.map(({ id }) => `team:${id}`));
    return permissions.filter(({ delegate }) => !delegate.startsWith('team:') || living.has(delegate));
  }

  /** The organizations that know somebody by a team, an invite or a default permission. */
  async organizationsNaming(member: string): Promise<ReadonlySet<NamespaceId>> {
    const { members, invites, defaultPermissions } = this.collections;
    const found = await Promise.all([
      everything(members, { index: 'byMember', equals: [member] }),
      everything(invites, { index: 'byInvitee', equals: [member] }),
      everything(defaultPermissions, { index: 'byActivatingUser', equals: [member] }),
      everything(defaultPermissions, { index: 'byDelegate', equals: [member] }),
    ]);
    return new Set(found.flat().map(({ namespaceId }) => namespaceId as NamespaceId));
  }

  /** A team that is gone gives nothing, whoever belonged to it. */
  async #living(members: readonly TeamMemberDocument[]): Promise<readonly Membership[]> {
    const teams = present(await this.collections.teams.getMany(members.map(({ teamId }) => teamId)));
    return teams.map(({ id, namespaceId, role }) => ({ namespaceId, teamId: id, role }));
  }
}

const present = <Document>(documents: readonly (Document | undefined)[]): Document[] =>
  documents.filter((document) => document !== undefined);
