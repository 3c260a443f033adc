import Type from 'typebox';
import type { AccountId } from '../../../domain/shared/ids.js';
import { LoginFailed } from '../../auth/login.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { InvalidRequest } from '../framework/problems.js';
import { proofOf } from './proof.js';

export class ClientKeyBody {
  @required(text()) readonly password!: string;
}

/** The password in a form that clients of the registry may store (contract: accounts §1, conventions §2). */
export const clientKeyEndpoint = ({ rules, credentials, encrypted, commands }: Api): Endpoint =>
  endpoint({
    operation: 'generateUserClientKey',
    method: 'POST',
    path: '/api/v1/user/clientkey',
    module: 'user',
    summary: "Return's the user's private client key.",
    internal: true,
    access: rules.user('admin'),
    body: ClientKeyBody,
    answers: { 200: Type.Object({ key: Type.String() }) },
    refused: [429],
    handle: async ({ body: { password }, target, context }) => {
      const account = await proofOf(credentials, target.name, password);
      if (account instanceof LoginFailed) throw new InvalidRequest(account.message);
      await commands.accounts.generateClientKey(account.id as AccountId, context);
      return answer(200, { key: encrypted.encrypt(password) });
    },
  });
