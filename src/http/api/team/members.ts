import { may, type Subject } from '../../../domain/access.js';
import { inviteUrn } from '../../../domain/organization/invite/code.js';
import type { NamespaceId, TeamId } from '../../../domain/shared/ids.js';
import { teamInvitation } from '../../../mail/invitation.js';
import { MailNotSent } from '../../../ports/mailer.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { InvalidRequest, Message, NotFound } from '../framework/problems.js';
import { flagParameter } from '../framework/query.js';
import { namespaceIdOf } from '../shared/namespaces.js';
import type { Person } from '../shared/people.js';
import { administratorOf } from './caller.js';
import { teamOf, viewersOfTeam, type FoundTeam } from './rules.js';
import { emailInviteView, TeamMembersView, TeamMemberView, teamMemberView } from './views.js';

/** The team, or what was to be found in it, went away a moment ago. */
export const gone: Refusals = { 'team-gone': () => new NotFound() };

const ELSEWHERE = 'Cannot add the specified robot to this team, as it is not a member of the organization';
const [module, scope] = ['team', 'org:admin'] as const;
const members = '/api/v1/organization/{orgname}/team/{teamname}/members';

/** Who belongs to a team, and who is asked to (contract: organizations §4). */
export const teamMemberEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, commands, settings, people } = api;

  const list = endpoint({
    ...{ operation: 'getOrganizationTeamMembers', method: 'GET', path: members, module, scope },
    summary: 'Retrieve the list of members for the specified team.',
    access: viewersOfTeam(api),
    query: { includePending: flagParameter('Whether to include pending members') },
    answers: { 200: TeamMembersView },
    handle: async ({ target, query, subject }) => {
      const canEdit = await administers(api, target, subject);
      const people = await membersOf(api, target);
      const pending = query.includePending && canEdit ? await pendingOf(api, target) : [];
      return answer(200, { name: target.team.name, members: [...people, ...pending], can_edit: canEdit });
    },
  });

  const add = endpoint({
    operation: 'updateOrganizationTeamMember',
    ...{ method: 'PUT', path: `${members}/{membername}`, module, scope },
    summary: 'Adds or invites a member to an existing team.',
    access: teamOf(rules.organization('administer'), api),
    refusals: gone,
    answers: { 200: TeamMemberView },
    handle: async (call) => {
      const { target, context } = call;
      const person = await people.named(call.path.membername);
      if (!person) throw new InvalidRequest('Unknown user');
      if (person.isRobot && person.namespaceId !== target.organization.id) throw new Message(400, ELSEWHERE);
      const caller = administratorOf(call);
      const byInvitation = settings.isOn('MAILING') && settings.isOn('REQUIRE_TEAM_INVITE');
      const asked = { inviter: caller.id, byInvitation };
      const code = await commands.teams.addMember(addressOf(target), person, asked, context);
      if (code !== null) await sendInvite(api, target, person, { inviter: caller.name, code });
      return answer(200, teamMemberView(person, code !== null));
    },
  });

  const remove = endpoint({
    operation: 'deleteOrganizationTeamMember',
    ...{ method: 'DELETE', path: `${members}/{membername}`, module, scope },
    summary: 'Delete a member of a team; of one who was only invited, the invite.',
    access: teamOf(rules.organization('administer'), api),
    refusals: gone,
    answers: { 204: null },
    handle: async (call) => {
      const person = await people.named(call.path.membername);
      if (!person) throw new NotFound();
      await commands.teams.removeMember(addressOf(call.target), person, administratorOf(call), call.context);
      return answer(204, null);
    },
  });

  return [list, add, remove];
};

/** Ids in documents were branded before they went into an event. */
export const addressOf = ({
  organization,
  team,
}: FoundTeam): { readonly namespaceId: NamespaceId; readonly teamId: TeamId } => ({
  namespaceId: namespaceIdOf(organization),
  teamId: team.id as TeamId,
});

async function administers({ directory }: Api, { organization }: FoundTeam, subject: Subject): Promise<boolean> {
  const there = await directory.namespaceFacts(subject.caller, organization);
  return may(subject, { on: 'namespace', to: 'administer', there }, directory.policy);
}

async function membersOf({ queries, people }: Api, { team }: FoundTeam) {
  const known = await people.known(await queries.organizations.members(team.id));
  return [...known.values()].map((person) => teamMemberView(person, false));
}

/** Invites of users as those users, invites of addresses as these. */
async function pendingOf({ queries, people, sealing, portraits }: Api, { team }: FoundTeam) {
  const invites = await queries.organizations.invitesTo(team.id);
  const known = await people.known(invites.map(({ invitee }) => invitee));
  const views = [...known.values()].map((person) => teamMemberView(person, true));
  const addresses: ReturnType<typeof emailInviteView>[] = [];
  for (const { email, emailEvent } of invites) {
    const address = email && emailEvent !== null ? await sealing.open(email, `${emailEvent}/email`) : null;
    if (address !== null) addresses.push(emailInviteView(address, portraits));
  }
  return [...views, ...addresses];
}

/** He finds the invite among his notifications, too: without a mail it waits there, and the mailer has logged why. */
async function sendInvite(
  { queries, portraits, mailer, site }: Api,
  { organization, team }: FoundTeam,
  { member }: Person,
  { inviter, code }: { readonly inviter: string; readonly code: string },
): Promise<void> {
  const account = await queries.accounts.byId(member.id);
  const to = account && (await portraits.emailOf(account));
  if (to === undefined || to === null) return;
  const invitation = { organization: organization.name, team: team.name, inviter, code: inviteUrn(code) };
  try {
    await mailer.send({ to, ...teamInvitation(site, invitation) });
  } catch (error) {
    if (!(error instanceof MailNotSent)) throw error;
  }
}
