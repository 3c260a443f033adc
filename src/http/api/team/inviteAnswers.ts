import Type from 'typebox';
import { inviteCodeLookup } from '../../../commands/teams.js';
import { codeInUrn } from '../../../domain/organization/invite/code.js';
import { InviteUnknown } from '../../../domain/organization/invite/invites.js';
import type { AccountId, InviteId } from '../../../domain/shared/ids.js';
import type { InviteDocument } from '../../../projections/organizations.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { namespaceIdOf } from '../shared/namespaces.js';

const [module, scope] = ['team', 'user:admin'] as const;
const path = '/api/v1/teaminvite/{code}';

/** What who was invited says (contract: organizations §4). */
export const inviteAnswerEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, commands, queries } = api;

  const accept = endpoint({
    ...{ operation: 'acceptOrganizationTeamInvite', method: 'PUT', path, module, scope, internal: true },
    summary: 'Accepts an invite to join a team in an organization.',
    access: rules.user('admin'),
    answers: { 200: Type.Object({ org: Type.String(), team: Type.String() }) },
    handle: async ({ path: { code }, target, context }) => {
      const invite = await inviteOf(api, code);
      const [organization] = await queries.namespaces.byIds([invite.namespaceId]);
      const [team] = await queries.organizations.teamsById([invite.teamId]);
      if (!organization || !team) throw new InviteUnknown();
      const account = await queries.accounts.byId(target.id);
      const command = {
        ...answerOf(invite, target.id),
        emailHmac: account?.verified === true ? account.emailHmac : null,
        intendedFor: await intendedFor(api, invite),
      };
      await commands.teams.accept(namespaceIdOf(organization), command, context);
      return answer(200, { org: organization.name, team: team.name });
    },
  });

  const decline = endpoint({
    ...{ operation: 'declineOrganizationTeamInvite', method: 'DELETE', path, module, scope, internal: true },
    summary: 'Delete an existing invitation to join a team.',
    access: rules.user('admin'),
    answers: { 204: null },
    handle: async ({ path: { code }, target, context }) => {
      const invite = await inviteOf(api, code);
      const namespaceId = namespaceIdOf({ id: invite.namespaceId });
      await commands.teams.decline(namespaceId, answerOf(invite, target.id), context);
      return answer(204, null);
    },
  });

  return [accept, decline];
};

/** Ids in documents were branded before they went into an event. */
const answerOf = (invite: InviteDocument, accountId: string) => ({
  inviteId: invite.id as InviteId,
  accountId: accountId as AccountId,
});

async function inviteOf({ queries, sealing }: Api, urn: string): Promise<InviteDocument> {
  const code = codeInUrn(urn);
  if (code === undefined) throw new InviteUnknown();
  const invite = await queries.organizations.inviteByCode(code, await inviteCodeLookup(sealing, code));
  if (!invite) throw new InviteUnknown();
  return invite;
}

/** Whom an invite is for, in the words of the refusal for everybody else. */
async function intendedFor({ people, sealing }: Api, { invitee, email, emailEvent }: InviteDocument): Promise<string> {
  if (email && emailEvent !== null) return `email "${(await sealing.open(email, `${emailEvent}/email`)) ?? ''}"`;
  return `user "${(await people.known([invitee])).get(invitee)?.name ?? ''}"`;
}
