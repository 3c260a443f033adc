import Type from 'typebox';
import type { AccountId } from '../../../domain/shared/ids.js';
import { recovery } from '../../../mail/account.js';
import { MailNotSent } from '../../../ports/mailer.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { superuserRules, whereDatabase } from './access.js';
import { ordinaryUserNamed } from './found.js';

/** The mail that somebody asks for who cannot sign in, asked for him (contract: superuser §1). */
export function sendRecoveryEndpoints(api: Api): readonly Endpoint[] {
  const { settings, commands, portraits, mailer, site } = api;
  if (!settings.isOn('MAILING')) return [];
  const { administer } = superuserRules(api);
  return [
    endpoint({
      operation: 'sendInstallUserRecoveryEmail',
      method: 'POST',
      path: '/api/v1/superusers/users/{username}/sendrecovery',
      module: 'superuser',
      summary: 'Send a recovery email to the specified user.',
      scope: 'super:user',
      access: whereDatabase(administer, api, 'Cannot send a recovery e-mail for non-database auth'),
      fresh: true,
      internal: true,
      answers: { 200: Type.Object({ email: Type.String() }) },
      handle: async ({ path }) => {
        const account = await ordinaryUserNamed(api, path.username, 'Cannot send a recovery email for a superuser');
        const email = await portraits.emailOf(account);
        if (email === null || !mailer.configured) throw new MailNotSent();
        const code = await commands.accountCodes.issue({
          ...{ purpose: 'recover', accountId: account.id as AccountId, generation: account.passwordGeneration },
        });
        await mailer.send({ to: email, ...recovery(site, { username: account.name, code }) });
        return answer(200, { email });
      },
    }),
  ];
}
