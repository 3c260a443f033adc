import type { DefaultPermissionEvents } from '../domain/organization/defaultPermission/events.js';
import type { InviteEvents } from '../domain/organization/invite/events.js';
import { inviteeKey } from '../domain/organization/invite/state.js';
import type { TeamEvents, TeamRole } from '../domain/organization/team/events.js';
import { memberKey } from '../domain/organization/team/state.js';
import type { NamespaceEvents } from '../domain/namespace/events.js';
import type { Role } from '../domain/repository/events.js';
import { granteeKey } from '../domain/repository/state.js';
import type { JsonObject } from '../domain/shared/json.js';
import type { Sealed } from '../domain/shared/sealed.js';
import { on, type DocumentRef, type DocumentView, type ProjectedEvent, type Projection } from './projection.js';

/** The teams of an organization, in the order of their creation. */
export type OrganizationDocument = { readonly id: string; readonly teams: readonly string[] };

export type TeamDocument = {
  readonly id: string;
  readonly namespaceId: string;
  readonly name: string;
  readonly role: TeamRole;
  readonly description: string;
  readonly memberCount: number;
};

/** May be left of a team that is gone: whoever reads it looks at the team, too. */
export type TeamMemberDocument = {
  readonly teamId: string;
  readonly namespaceId: string;
  /** `user:<id>` or `robot:<id>`. */
  readonly member: string;
};

/** May be left of a team that is gone. */
export type InviteDocument = {
  readonly id: string;
  readonly namespaceId: string;
  readonly teamId: string;
  /** `user:<id>` or `email:<hmac>`. */
  readonly invitee: string;
  readonly email: Sealed | null;
  /** What the sealed address is bound to. */
  readonly emailEvent: string | null;
  /** HMAC of the code that was sent to the address; null where the id is the code. */
  readonly codeHmac: string | null;
  readonly inviter: string;
};

/** May name a team that is gone. */
export type DefaultPermissionDocument = {
  readonly id: string;
  readonly namespaceId: string;
  readonly role: Role;
  /** `user:<id>` or `robot:<id>`; null: whoever creates a repository. */
  readonly activatingUser: string | null;
  /** `user:<id>`, `robot:<id>` or `team:<id>`. */
  readonly delegate: string;
};

export const ORGANIZATIONS = 'organizations';
export const TEAMS = 'teams';
export const MEMBERS = 'members';
export const INVITES = 'invites';
export const DEFAULT_PERMISSIONS = 'defaultPermissions';

const team = on<TeamEvents>();
const invite = on<InviteEvents>();
const defaultPermission = on<DefaultPermissionEvents>();
const namespace = on<NamespaceEvents>();

const organizationRef = ({ streamId }: ProjectedEvent): DocumentRef => ({ collection: ORGANIZATIONS, key: streamId });
const teamRef = ({ teamId }: { readonly teamId: string }): DocumentRef => ({ collection: TEAMS, key: teamId });
const teamDocument = (data: { readonly teamId: string } & JsonObject) => [teamRef(data)];
const memberDocumentKey = ({ teamId, member }: TeamEvents['MemberJoined' | 'MemberLeft']): string =>
  `${teamId}/${memberKey(member)}`;
const teamAndMember = (data: TeamEvents['MemberJoined' | 'MemberLeft']): readonly DocumentRef[] => [
  teamRef(data),
  { collection: MEMBERS, key: memberDocumentKey(data) },
];

function changeTeam(id: string, view: DocumentView, by: Partial<TeamDocument>): void {
  const document = view.get<TeamDocument>(TEAMS, id);
  if (document) view.put(TEAMS, id, { ...document, ...by });
}

/** The count follows the member's document, so that an event which is applied again counts nobody twice. */
function setMember(
  data: TeamEvents['MemberJoined' | 'MemberLeft'],
  view: DocumentView,
  document: TeamMemberDocument | undefined,
): void {
  const key = memberDocumentKey(data);
  const known = view.get<TeamMemberDocument>(MEMBERS, key) ? 1 : 0;
  const count = view.get<TeamDocument>(TEAMS, data.teamId)?.memberCount ?? 0;
  changeTeam(data.teamId, view, { memberCount: count - known + (document ? 1 : 0) });
  view.put(MEMBERS, key, document);
}

/** Teams with their members and invites, and the default permissions of organizations. */
export const organizations: Projection = {
  name: 'organizations',
  version: 2,
  collections: [
    { name: ORGANIZATIONS, indexes: {} },
    { name: TEAMS, indexes: { byName: ['namespaceId', 'name'] } },
    { name: MEMBERS, indexes: { byMember: ['member', 'namespaceId'], byNamespace: ['namespaceId', 'member'] } },
    { name: INVITES, indexes: { byTeam: ['teamId'], byInvitee: ['invitee', 'namespaceId'], byCode: ['codeHmac'] } },
    {
      name: DEFAULT_PERMISSIONS,
      indexes: {
        byNamespace: ['namespaceId'],
        byActivatingUser: ['activatingUser', 'namespaceId'],
        byDelegate: ['delegate', 'namespaceId'],
      },
    },
  ],
  handlers: {
    ...team('TeamCreated', {
      reads: (data, event) => [organizationRef(event), teamRef(data)],
      apply: ({ teamId, name, role, description }, { streamId }, view) => {
        const memberCount = view.get<TeamDocument>(TEAMS, teamId)?.memberCount ?? 0;
        const document: TeamDocument = { id: teamId, namespaceId: streamId, name, role, description, memberCount };
        view.put(TEAMS, teamId, document);
        const others = view.get<OrganizationDocument>(ORGANIZATIONS, streamId)?.teams ?? [];
        const organization: OrganizationDocument = { id: streamId, teams: [...new Set([...others, teamId])] };
        view.put(ORGANIZATIONS, streamId, organization);
      },
    }),
    ...team('TeamRoleSet', {
      reads: teamDocument,
      apply: ({ teamId, role }, _, view) => {
        changeTeam(teamId, view, { role });
      },
    }),
    ...team('TeamDescriptionSet', {
      reads: teamDocument,
      apply: ({ teamId, description }, _, view) => {
        changeTeam(teamId, view, { description });
      },
    }),
    ...team('TeamDeleted', {
      reads: (_, event) => [organizationRef(event)],
      apply: ({ teamId }, { streamId }, view) => {
        view.put(TEAMS, teamId, undefined);
        const organization = view.get<OrganizationDocument>(ORGANIZATIONS, streamId);
        const teams = organization?.teams.filter((id) => id !== teamId) ?? [];
        view.put(ORGANIZATIONS, streamId, { id: streamId, teams });
      },
    }),
    ...team('MemberJoined', {
      reads: teamAndMember,
      apply: (data, { streamId }, view) => {
        const { teamId, inviteId } = data;
        setMember(data, view, { teamId, namespaceId: streamId, member: memberKey(data.member) });
        if (inviteId !== null) view.put(INVITES, inviteId, undefined);
      },
    }),
    ...team('MemberLeft', {
      reads: teamAndMember,
      apply: (data, _, view) => {
        setMember(data, view, undefined);
      },
    }),
    ...invite('MemberInvited', {
      apply: ({ inviteId, teamId, invitee, inviter }, { id, streamId }, view) => {
        const byEmail = invitee.kind === 'email';
        const document: InviteDocument = {
          id: inviteId,
          namespaceId: streamId,
          teamId,
          invitee: inviteeKey(invitee),
          email: byEmail ? invitee.email : null,
          emailEvent: byEmail ? id : null,
          codeHmac: byEmail ? invitee.codeHmac : null,
          inviter,
        };
        view.put(INVITES, inviteId, document);
      },
    }),
    ...invite('InviteWithdrawn', {
      apply: ({ inviteId }, _, view) => {
        view.put(INVITES, inviteId, undefined);
      },
    }),
    ...invite('InviteDeclined', {
      apply: ({ inviteId }, _, view) => {
        view.put(INVITES, inviteId, undefined);
      },
    }),
    ...defaultPermission('DefaultPermissionSet', {
      apply: ({ permissionId, role, activatingUser, delegate }, { streamId }, view) => {
        const document: DefaultPermissionDocument = {
          id: permissionId,
          namespaceId: streamId,
          role,
          activatingUser: activatingUser && memberKey(activatingUser),
          delegate: granteeKey(delegate),
        };
        view.put(DEFAULT_PERMISSIONS, permissionId, document);
      },
    }),
    ...defaultPermission('DefaultPermissionRoleSet', {
      reads: ({ permissionId }) => [{ collection: DEFAULT_PERMISSIONS, key: permissionId }],
      apply: ({ permissionId, role }, _, view) => {
        const document = view.get<DefaultPermissionDocument>(DEFAULT_PERMISSIONS, permissionId);
        if (document) view.put(DEFAULT_PERMISSIONS, permissionId, { ...document, role });
      },
    }),
    ...defaultPermission('DefaultPermissionRemoved', {
      apply: ({ permissionId }, _, view) => {
        view.put(DEFAULT_PERMISSIONS, permissionId, undefined);
      },
    }),
    // With its teams an organization gives nobody anything any more; what names them is found by nobody.
    ...namespace('NamespaceDeleted', {
      reads: (_, event) => [organizationRef(event)],
      apply: (_, { streamId }, view) => {
        const organization = view.get<OrganizationDocument>(ORGANIZATIONS, streamId);
        if (!organization) return;
        for (const id of organization.teams) view.put(TEAMS, id, undefined);
        view.put(ORGANIZATIONS, streamId, undefined);
      },
    }),
  },
};
