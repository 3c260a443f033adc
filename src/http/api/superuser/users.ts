import Type from 'typebox';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { flagParameter } from '../framework/query.js';
import { superuserRules } from './access.js';
import { userNamed } from './found.js';
import { listed, pageParameters } from './paging.js';
import { SuperuserUserView, superuserUserView } from './views.js';

/** People as superusers see them (contract: superuser §1). */
export function superuserUserEndpoints(api: Api): readonly Endpoint[] {
  const { queries, pageTokens } = api;
  const { inspect } = superuserRules(api);
  return [
    endpoint({
      operation: 'listAllUsers',
      method: 'GET',
      path: '/api/v1/superuser/users/',
      module: 'superuser',
      summary: 'Returns a list of all users in the system.',
      scope: 'super:user',
      access: inspect,
      fresh: true,
      query: {
        ...pageParameters,
        disabled: flagParameter('If false, only enabled users will be returned.', true),
      },
      answers: { 200: Type.Object({ users: Type.Array(SuperuserUserView), next_page: Type.Optional(Type.String()) }) },
      handle: async ({ query }) => {
        const { views: users, next } = await listed(
          {
            ...{ name: 'superuser-users', tokens: pageTokens },
            page: (limit, cursor) => queries.accounts.inOrder(limit, cursor),
            wanted: ({ disabled }) => query.disabled || !disabled,
            view: (account) => superuserUserView(account, api),
          },
          query,
        );
        return answer(200, { users, ...(next === undefined ? {} : { next_page: next }) });
      },
    }),
    endpoint({
      operation: 'getInstallUser',
      method: 'GET',
      path: '/api/v1/superuser/users/{username}',
      module: 'superuser',
      summary: 'Returns information about the specified user.',
      scope: 'super:user',
      access: inspect,
      fresh: true,
      answers: { 200: SuperuserUserView },
      handle: async ({ path }) => answer(200, await superuserUserView(await userNamed(api, path.username), api)),
    }),
  ];
}
