import type { AccountId } from '../../../domain/shared/ids.js';
import { LoginFailed } from '../../auth/login.js';
import type { Api } from '../api.js';
import { optional, required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { InvalidRequest, PlainAbort } from '../framework/problems.js';
import { actingAs, isInSession } from './actingAs.js';
import { orphansOf } from './orphans.js';
import { proofOf } from './proof.js';
import { NotSignedIn, Success, SUCCESS, UNVERIFIED } from './signIn.js';

export class ConvertBody {
  /** Name or e-mail address. */
  @required(text()) readonly adminUser!: string;
  @required(text()) readonly adminPassword!: string;
  /** Nothing is paid for here: any plan is the free one. */
  @optional(text()) readonly plan?: string;
}

/** How an account ends: it is deleted, or an organization (contract: accounts §1). */
export const accountEndEndpoints = (api: Api): readonly Endpoint[] => {
  const { settings, rules, credentials, commands, queries, portraits } = api;
  const requireOwnPasswords = (): void => {
    if (!settings.people.ownPasswords) throw new PlainAbort(404);
  };

  const remove = endpoint({
    operation: 'deleteCurrentUser',
    method: 'DELETE',
    path: '/api/v1/user/',
    module: 'user',
    summary: 'Deletes the current user.',
    internal: true,
    access: rules.user('admin'),
    scope: 'user:admin',
    fresh: true,
    answers: { 204: null },
    handle: async ({ target, context, session }) => {
      requireOwnPasswords();
      const id = target.id as AccountId;
      await commands.accountLife.delete(id, await orphansOf(queries, id), context);
      if (isInSession({ context })) session.end();
      return answer(204, null);
    },
  });

  const convert = endpoint({
    operation: 'convertUserToOrganization',
    method: 'POST',
    path: '/api/v1/user/convert',
    module: 'user',
    summary: 'Convert the user to an organization.',
    internal: true,
    access: rules.user('admin'),
    scope: 'user:admin',
    body: ConvertBody,
    answers: { 200: Success, 403: NotSignedIn },
    refused: [429],
    handle: async ({ body, target, context, session }) => {
      requireOwnPasswords();
      const administrator = await proofOf(credentials, body.adminUser, body.adminPassword);
      if (administrator instanceof LoginFailed || administrator.disabled) {
        throw new InvalidRequest('The admin user credentials are not valid', { reason: 'invaliduser' });
      }
      if (administrator.id === target.id) {
        throw new InvalidRequest('The admin user is not valid', { reason: 'invaliduser' });
      }
      const account = await queries.accounts.byId(target.id);
      const email = account ? await portraits.emailOf(account) : null;
      const owner = administrator.id as AccountId;
      await commands.accountLife.convert(target.id as AccountId, { administrator: owner, email }, context);
      session.end();
      if (!administrator.verified) return UNVERIFIED;
      if (!settings.readOnly) await commands.accounts.signIn(owner, actingAs(context, administrator));
      session.begin(administrator);
      return SUCCESS;
    },
  });
  return [remove, convert];
};
