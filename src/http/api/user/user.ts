import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { PlainAbort, Unauthenticated } from '../framework/problems.js';
import { always, anyone } from '../framework/rules.js';
import { UserView, viewOfUser } from './views.js';

/** People, as they see themselves and as others see them (contract: accounts §1). */
export const userReadEndpoints = (api: Api): readonly Endpoint[] => [
  endpoint({
    operation: 'getLoggedInUser',
    method: 'GET',
    path: '/api/v1/user/',
    module: 'user',
    summary: 'Get user information for the authenticated user.',
    scope: 'user:read',
    access: always,
    answers: { 200: UserView },
    refused: [401],
    handle: async ({ subject }) => {
      const { caller, reach } = subject;
      const isKnown = caller.kind === 'user' && reach.user !== undefined;
      const account = isKnown ? await api.queries.accounts.byId(caller.id) : undefined;
      // The web UI knows by this very answer that nobody is signed in.
      if (!account) throw new Unauthenticated({ session_required: false });
      return answer(200, await viewOfUser(api, account, subject));
    },
  }),
  endpoint({
    operation: 'getUserInformation',
    method: 'GET',
    path: '/api/v1/users/{username}',
    module: 'user',
    summary: 'Get user information for the specified user.',
    access: anyone,
    answers: { 200: UserView },
    handle: async ({ path, subject }) => {
      const account = await api.queries.accounts.byName(path.username);
      if (!account) throw new PlainAbort(404);
      return answer(200, await viewOfUser(api, account, subject));
    },
  }),
];
