import { emailHmac } from '../../../commands/emailClaims.js';
import { inviteUrn } from '../../../domain/organization/invite/code.js';
import { teamInvitation } from '../../../mail/invitation.js';
import { MailNotSent } from '../../../ports/mailer.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { Message, NotFound } from '../framework/problems.js';
import { administratorOf } from './caller.js';
import { addressOf, gone } from './members.js';
import { teamOf } from './rules.js';
import { EmailInviteView, emailInviteView } from './views.js';

const [module, scope] = ['team', 'org:admin'] as const;
const path = '/api/v1/organization/{orgname}/team/{teamname}/invite/{email}';

/** Invites to whoever reads mail at an address (contract: organizations §4). */
export const emailInviteEndpoints = (api: Api): readonly Endpoint[] => {
  const { rules, commands, mailer, site, portraits, sealing } = api;

  const invite = endpoint({
    ...{ operation: 'inviteTeamMemberEmail', method: 'PUT', path, module, scope },
    summary: 'Invites an email address to an existing team.',
    access: teamOf(rules.organization('administer'), api),
    refusals: gone,
    answers: { 200: EmailInviteView },
    refused: [429],
    handle: async (call) => {
      const { target, context } = call;
      const { email } = call.path;
      // Nobody could ever answer it.
      if (!mailer.configured) throw new MailNotSent();
      const { id, name: inviter } = administratorOf(call);
      if (!(await commands.mailBrake.allows('invitation', await emailHmac(sealing, email))))
        throw new Message(429, 'Too many mails went to this address: try again later.');
      const code = await commands.teams.inviteEmail(addressOf(target), email, id, context);
      const { organization, team } = target;
      const invitation = { organization: organization.name, team: team.name, inviter, code: inviteUrn(code) };
      await mailer.send({ to: email, ...teamInvitation(site, invitation) });
      return answer(200, emailInviteView(email, portraits));
    },
  });

  const withdraw = endpoint({
    ...{ operation: 'deleteTeamMemberEmailInvite', method: 'DELETE', path, module, scope },
    summary: 'Delete an invite of an email address to join a team.',
    access: teamOf(rules.organization('administer'), api),
    refusals: { ...gone, 'invite-unknown': () => new NotFound() },
    answers: { 204: null },
    handle: async ({ target, path: { email }, context }) => {
      await commands.teams.withdrawEmail(addressOf(target), email, context);
      return answer(204, null);
    },
  });

  return [invite, withdraw];
};
