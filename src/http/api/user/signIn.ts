import Type from 'typebox';
import type { AccountId } from '../../../domain/shared/ids.js';
import { DISABLED_USER, LoginFailed } from '../../auth/login.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { Message } from '../framework/problems.js';
import { always, anyone } from '../framework/rules.js';
import { actingAs, isInSession } from './actingAs.js';
import { provesEmail } from './invitations.js';
import { proofOf } from './proof.js';

export class SigninBody {
  /** Name or e-mail address. */
  @required(text()) readonly username!: string;
  @required(text()) readonly password!: string;
  @optional(text()) readonly invite_code?: string;
}

export class VerifyBody {
  @required(text()) readonly password!: string;
}

export const Success = Type.Object({ success: Type.Boolean() });
export const SUCCESS = answer(200, { success: true });

export const NotSignedIn = Type.Object({
  needsEmailVerification: Type.Boolean(),
  invalidCredentials: Type.Boolean(),
  message: Type.Union([Type.String(), Type.Null()]),
});

export const UNVERIFIED = answer(403, { needsEmailVerification: true, invalidCredentials: false, message: null });
const invalid = (message: string) =>
  answer(403, { needsEmailVerification: false, invalidCredentials: true, message: message });

/** To come in and to go out (contract: accounts §2). */
export const signInEndpoints = ({
  settings,
  rules,
  credentials,
  commands,
  queries,
  sealing,
}: Api): readonly Endpoint[] => {
  const { accounts, profiles } = commands;

  const signIn = endpoint({
    operation: 'signinUser',
    method: 'POST',
    path: '/api/v1/signin',
    module: 'user',
    summary: 'Sign in the user with the specified credentials.',
    internal: true,
    access: always,
    body: SigninBody,
    answers: { 200: Success, 403: NotSignedIn },
    refused: [429],
    handle: async ({ body, session, context }) => {
      const account = await proofOf(credentials, body.username, body.password);
      if (account instanceof LoginFailed) return invalid(account.message);
      if (account.disabled) return invalid(DISABLED_USER);
      const id = account.id as AccountId;
      const himself = actingAs(context, account);
      if (!account.verified) {
        if (!(await provesEmail({ queries, sealing }, body.invite_code, account.emailHmac))) {
          return UNVERIFIED;
        }
        await profiles.verifyEmail(id, himself);
      }
      if (!settings.readOnly) await accounts.signIn(id, himself);
      session.begin(account);
      return SUCCESS;
    },
  });

  const verify = endpoint({
    operation: 'verifyUser',
    method: 'POST',
    path: '/api/v1/signin/verify',
    module: 'user',
    summary: 'Verifies the signed in the user with the specified credentials.',
    internal: true,
    access: rules.user('admin'),
    body: VerifyBody,
    answers: { 200: Success },
    refused: [429],
    handle: async ({ body, session, target, context }) => {
      const account = await proofOf(credentials, target.name, body.password);
      if (account instanceof LoginFailed) throw new Message(403, account.message, { invalidCredentials: true });
      if (account.id !== target.id || account.disabled) throw new Message(403, 'Could not verify user.');
      if (isInSession({ context })) session.begin(account);
      return SUCCESS;
    },
  });

  const signOut = endpoint({
    operation: 'logout',
    method: 'POST',
    path: '/api/v1/signout',
    module: 'user',
    summary: 'Request that the current user be signed out.',
    internal: true,
    access: anyone,
    answers: { 200: Success },
    handle: async ({ subject: { caller, reach }, session, context }) => {
      if (caller.kind === 'user' && reach.user === 'admin') await accounts.endSessions(caller.id as AccountId, context);
      session.end();
      return SUCCESS;
    },
  });

  return settings.isOn('DIRECT_LOGIN') ? [signIn, verify, signOut] : [verify, signOut];
};
