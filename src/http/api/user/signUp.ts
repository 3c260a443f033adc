import Type from 'typebox';
import { emailHmac } from '../../../commands/emailClaims.js';
import { parseEmail } from '../../../domain/shared/email.js';
import type { AccountId } from '../../../domain/shared/ids.js';
import { parseNamespaceName } from '../../../domain/shared/namespaceName.js';
import { parsePassword } from '../../../domain/shared/password.js';
import { signUpConfirmation } from '../../../mail/account.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { InvalidRequest, PlainAbort } from '../framework/problems.js';
import { anyone } from '../framework/rules.js';
import { requireHuman } from '../shared/humanity.js';
import { provesEmail } from './invitations.js';
import { requireMail } from './mails.js';
import { UserView, viewOfUser } from './views.js';

export class SignUpBody {
  @required(text()) readonly username!: string;
  @required(text()) readonly password!: string;
  @optional(text()) readonly email?: string;
  @optional(text()) readonly invite_code?: string;
  @optional(text()) readonly recaptcha_response?: string;
}

const EXISTS = 'The username already exists';
const DISABLED_FOR = 'Creation of a user account for this e-mail is disabled; please contact an administrator';

/** Somebody makes himself an account (contract: accounts §1). */
export const signUpEndpoint = (api: Api): Endpoint => {
  const { settings, commands, queries, sealing, mailer, site } = api;

  /** In the contract's order. @returns whether the address is known to be his */
  async function check({ username, email, invite_code: code }: SignUpBody): Promise<boolean> {
    const inviteOnly = settings.isOn('INVITE_ONLY_USER_CREATION');
    if (settings.people.reservedNames.has(username)) throw new InvalidRequest(EXISTS);
    if (await queries.namespaces.byName(username)) throw new InvalidRequest(EXISTS);
    if (settings.isOn('MAILING') && (email === undefined || email === '')) {
      throw new InvalidRequest('Email address is required');
    }
    if (inviteOnly && (code === undefined || code === '')) throw new InvalidRequest('Cannot create non-invited user');
    if (email !== undefined && isBlocked(settings, email)) throw new InvalidRequest(DISABLED_FOR);
    const hmac = email === undefined ? null : await emailHmac(sealing, email);
    const isProven = await provesEmail({ queries, sealing }, code, hmac);
    if (inviteOnly && !isProven) throw new InvalidRequest(DISABLED_FOR);
    return isProven;
  }

  return endpoint({
    operation: 'createNewUser',
    method: 'POST',
    path: '/api/v1/user/',
    module: 'user',
    summary: 'Create a new user.',
    internal: true,
    access: anyone,
    body: SignUpBody,
    answers: { 200: Type.Union([UserView, Type.Object({ awaiting_verification: Type.Boolean() })]) },
    refusals: {
      'name-taken': () => new InvalidRequest(EXISTS),
      'email-taken': ({ message }) => new InvalidRequest(message),
      'email-invalid': ({ message }) => new InvalidRequest(message),
      'password-invalid': ({ message }) => new InvalidRequest(message),
      'namespace-name-invalid': ({ message }) => new InvalidRequest(message),
    },
    handle: async ({ body, session, context }) => {
      if (!settings.people.ownPasswords) throw new PlainAbort(404);
      const isProven = await check(body);
      const { username, recaptcha_response: response } = body;
      await requireHuman(api, { response, ip: context.ip, name: username });
      const verified = isProven || !settings.isOn('MAILING');
      const name = parseNamespaceName(body.username);
      const password = parsePassword(body.password);
      const email = body.email === undefined || body.email === '' ? null : parseEmail(body.email);
      if (!verified) requireMail(mailer);
      const { timeMachineSeconds } = settings;
      const person = { name, email, password, verified, superuser: false, timeMachineSeconds };
      const { accountId } = await commands.accounts.register(person, context);
      if (!verified && email !== null) {
        const code = await commands.accountCodes.issue({ purpose: 'confirm', accountId, generation: 1 });
        await mailer.send({ to: email, ...signUpConfirmation(site, { username: name, code }) });
        return answer(200, { awaiting_verification: true });
      }
      return answer(200, await signedIn(accountId));

      async function signedIn(id: AccountId): Promise<UserView> {
        const account = await queries.accounts.byId(id);
        const identity = await api.identities.of({ kind: 'session', id });
        if (!account || !identity) throw new Error(`account ${id} was registered and is not there`);
        session.begin(account);
        return viewOfUser(api, account, identity.subject);
      }
    },
  });
};

/** A domain stands for those below it, too. */
function isBlocked({ isOn, people }: Api['settings'], email: string): boolean {
  if (!isOn('BLACKLISTED_EMAILS')) return false;
  const labels = email
    .slice(email.lastIndexOf('@') + 1)
    .toLowerCase()
    .split('.');
  return labels.some((_, index) => people.blockedDomains.has(labels.slice(index).join('.')));
}
