import Type, { type Static } from 'typebox';
import { may, type Subject } from '../../../domain/access.js';
import type { NamespaceDocument } from '../../../projections/namespaces.js';
import type { TeamDocument } from '../../../projections/organizations.js';
import type { Api } from '../api.js';
import { AvatarView } from '../shared/portraits.js';

const TeamInOrganization = Type.Object({
  name: Type.String(),
  description: Type.String(),
  role: Type.Enum(['member', 'creator', 'admin']),
  avatar: AvatarView,
  can_view: Type.Boolean(),
  repo_count: Type.Integer(),
  member_count: Type.Integer(),
  is_synced: Type.Boolean(),
});

export const OrganizationView = Type.Object({
  name: Type.String(),
  email: Type.String(),
  avatar: AvatarView,
  is_admin: Type.Boolean(),
  is_member: Type.Boolean(),
  teams: Type.Optional(Type.Record(Type.String(), TeamInOrganization)),
  ordered_teams: Type.Optional(Type.Array(Type.String())),
  invoice_email: Type.Optional(Type.Boolean()),
  invoice_email_address: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  tag_expiration_s: Type.Optional(Type.Integer()),
  is_free_account: Type.Optional(Type.Boolean()),
});

type View = Static<typeof OrganizationView>;
type TeamView = Static<typeof TeamInOrganization>;
type ViewApi = Pick<Api, 'directory' | 'queries' | 'portraits' | 'sealing'>;

/** An organization as the caller may see it (contract: organizations §1, "Org view"). */
export async function organizationView(api: ViewApi, namespace: NamespaceDocument, subject: Subject): Promise<View> {
  const { directory, portraits } = api;
  const there = await directory.namespaceFacts(subject.caller, namespace);
  const allowed = (to: 'see-members' | 'audit') => may(subject, { on: 'namespace', to, there }, directory.policy);
  const [isAdmin, isMember] = [allowed('audit'), allowed('see-members')];
  return {
    name: namespace.name,
    email: isAdmin ? ((await portraits.contactOf(namespace)) ?? '') : '',
    avatar: await portraits.organization(namespace, 'user'),
    is_admin: isAdmin,
    is_member: isMember,
    ...(isMember ? await teamsIn(api, namespace, isAdmin ? undefined : subject) : {}),
    ...(isAdmin ? await forAdministrators(api, namespace) : {}),
  };
}

async function forAdministrators(
  { sealing }: ViewApi,
  {
    invoiceEmail,
    invoiceEmailAddress: address,
    invoiceEmailAddressEvent: event,
    timeMachineSeconds,
  }: NamespaceDocument,
) {
  return {
    invoice_email: invoiceEmail,
    invoice_email_address:
      address && event !== null ? await sealing.open(address, `${event}/invoiceEmailAddress`) : null,
    tag_expiration_s: timeMachineSeconds,
    is_free_account: true,
  };
}

/** @param viewer whose own teams alone can be looked into; undefined: all of them can */
async function teamsIn(api: ViewApi, { id }: NamespaceDocument, viewer: Subject | undefined) {
  const { organizations, repositories } = api.queries;
  const teams = await organizations.teams(id);
  const counts = new Map<string, number>();
  for (const { grantee } of await repositories.grantsIn(id, 'team'))
    counts.set(grantee, (counts.get(grantee) ?? 0) + 1);
  const own = viewer && (await ownTeams(api, viewer, id));
  const view = (team: TeamDocument): TeamView => ({
    ...{ name: team.name, description: team.description, role: team.role },
    avatar: api.portraits.team(team),
    can_view: own === undefined || own.has(team.id),
    repo_count: counts.get(`team:${team.id}`) ?? 0,
    member_count: team.memberCount,
    is_synced: false,
  });
  return {
    teams: Object.fromEntries(teams.map((team) => [team.name, view(team)])),
    ordered_teams: teams.map(({ name }) => name),
  };
}

async function ownTeams({ queries }: ViewApi, { caller }: Subject, namespaceId: string): Promise<ReadonlySet<string>> {
  if (caller.kind === 'anonymous') return new Set();
  const memberships = await queries.organizations.memberships(`${caller.kind}:${caller.id}`, namespaceId);
  return new Set(memberships.map(({ teamId }) => teamId));
}
