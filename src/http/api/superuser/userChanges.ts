import Type from 'typebox';
import { generatedSecret, UPPER_ALPHANUMERIC } from '../../../commands/generatedSecrets.js';
import { signUpConfirmation } from '../../../mail/account.js';
import { parsePassword } from '../../../domain/shared/password.js';
import { parseEmail } from '../../../domain/shared/email.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import { parseNamespaceName, type NamespaceName } from '../../../domain/shared/namespaceName.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import { answer, endpoint, type Endpoint, type Refusals } from '../framework/endpoint.js';
import { flag, text } from '../framework/kinds.js';
import { InvalidRequest, Message } from '../framework/problems.js';
import { requireMail } from '../user/mails.js';
import { superuserRules, whereDatabase } from './access.js';
import { ordinaryUserNamed, userNamed } from './found.js';
import { SuperuserUserView, superuserUserView } from './views.js';

class NewUser {
  @required(text()) readonly username!: string;
  @optional(text()) readonly email?: string;
}

class ChangedUser {
  @optional(text()) readonly password?: string;
  @optional(text()) readonly email?: string;
  @optional(flag()) readonly enabled?: boolean;
}

const MadeUser = Type.Object({
  username: Type.String(),
  email: Type.Union([Type.String(), Type.Null()]),
  password: Type.String(),
  encrypted_password: Type.String(),
});

const PASSWORD_LENGTH = 32;

/** Told in this way only where an address is changed; the other text is that of new accounts. */
const emailTaken: Refusals = { 'email-taken': () => new Message(400, 'E-mail address already used') };

/** What superusers do with people (contract: superuser §1). */
export function superuserUserChanges(api: Api): readonly Endpoint[] {
  const { settings, commands, queries, credentials, encrypted, portraits, mailer, site } = api;
  const { administer } = superuserRules(api);

  /** The contract names who has the name (conventions §11). @throws Message, NamespaceNameInvalid */
  const freeName = async (given: string): Promise<NamespaceName> => {
    const name = parseNamespaceName(given);
    const taken = await queries.namespaces.byName(name);
    if (taken?.kind === 'organization')
      throw new Message(400, `Username has already been taken by an organization and cannot be reused: ${name}`);
    if (taken) throw new Message(400, `Username has already been taken by user cannot be reused: ${name}`);
    return name;
  };

  const create = endpoint({
    operation: 'createInstallUser',
    method: 'POST',
    path: '/api/v1/superuser/users/',
    module: 'superuser',
    summary: 'Creates a new user.',
    scope: 'super:user',
    access: whereDatabase(administer, api, 'Cannot create a user in a non-database auth system'),
    fresh: true,
    body: NewUser,
    answers: { 200: MadeUser },
    refusals: { 'name-taken': () => new Message(400, 'Username is not available') },
    handle: async ({ body, context }) => {
      const mailing = settings.isOn('MAILING');
      const name = await freeName(body.username);
      const given = body.email ?? '';
      if (mailing && given === '') throw new Message(400, 'Invalid email address: None');
      const email = given === '' ? null : parseEmail(given);
      // Who could never confirm his address could never sign in.
      if (mailing) requireMail(mailer);
      const password = generatedSecret(PASSWORD_LENGTH, UPPER_ALPHANUMERIC);
      const { timeMachineSeconds } = settings;
      const user = { name, email, password, superuser: false, verified: !mailing, timeMachineSeconds };
      const { accountId } = await commands.accounts.register(user, context);
      if (mailing && email !== null) {
        const code = await commands.accountCodes.issue({ purpose: 'confirm', accountId, generation: 1 });
        await mailer.send({ to: email, ...signUpConfirmation(site, { username: name, code }) });
      }
      return answer(200, { username: name, email, password, encrypted_password: encrypted.encrypt(password) });
    },
  });

  const change = endpoint({
    operation: 'changeInstallUser',
    method: 'PUT',
    path: '/api/v1/superuser/users/{username}',
    module: 'superuser',
    summary: 'Updates information about the specified user.',
    scope: 'super:user',
    access: administer,
    fresh: true,
    body: ChangedUser,
    answers: { 200: SuperuserUserView },
    refusals: emailTaken,
    handle: async ({ path, body, context }) => {
      const account = await ordinaryUserNamed(api, path.username, 'Cannot update a superuser');
      const id = account.id as AccountId;
      const { password, email, enabled } = body;
      if (password !== undefined) {
        if (!settings.people.ownPasswords) throw new InvalidRequest('Cannot change password in non-database auth');
        await commands.accounts.changePassword(id, parsePassword(password), context);
        const known = await portraits.emailOf(account);
        await credentials.forgive(known === null ? [account.name] : [account.name, known]);
      }
      if (email !== undefined) {
        if (!settings.people.ownPasswords && !settings.people.ownTokens)
          throw new InvalidRequest('Cannot change e-mail in non-database auth');
        await commands.profiles.changeEmail(id, parseEmail(email), context);
      }
      if (enabled !== undefined) await commands.accounts.setDisabled(id, !enabled, context);
      const view = await superuserUserView(await userNamed(api, account.name), api);
      return answer(200, {
        ...view,
        // As it was: the contract has it so.
        enabled: !account.disabled,
        ...(password === undefined ? {} : { encrypted_password: encrypted.encrypt(password) }),
      });
    },
  });

  const remove = endpoint({
    operation: 'deleteInstallUser',
    method: 'DELETE',
    path: '/api/v1/superuser/users/{username}',
    module: 'superuser',
    summary: 'Deletes the specified user.',
    scope: 'super:user',
    access: administer,
    fresh: true,
    answers: { 204: null },
    handle: async ({ path, context }) => {
      const account = await ordinaryUserNamed(api, path.username, 'Cannot delete a superuser');
      // Organizations that nobody else administers stay: superusers can take them over.
      await commands.accountLife.delete(account.id as AccountId, [], context);
      return answer(204, null);
    },
  });

  return [create, change, remove];
}
