import Type from 'typebox';
import type { AccountId } from '../../../domain/shared/ids.js';
import { isAlive, type Timestamp } from '../../../domain/shared/time.js';
import type { AppTokenDocument } from '../../../projections/accounts.js';
import type { Api } from '../api.js';
import { required } from '../framework/body.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { text } from '../framework/kinds.js';
import { NotFound } from '../framework/problems.js';
import { triStateParameter } from '../framework/query.js';
import { AppTokenList, AppTokenViews, AppTokenWithCode } from './views.js';

export class AppTokenBody {
  @required(text({ max: 255 })) readonly title!: string;
}

const LIST = '/api/v1/user/apptoken';
const ONE = `${LIST}/{token_uuid}` as const;
const COMMON = { module: 'appspecifictokens', scope: 'user:admin' } as const;
const TokenAnswer = Type.Object({ token: AppTokenWithCode });
const refusals = { 'app-token-unknown': () => new NotFound() };

/** Passwords for applications, each of which can be taken back alone (contract: accounts §3). Everybody has only his own. */
export function appTokenEndpoints(api: Api): readonly Endpoint[] {
  const { settings, rules, commands, queries, sealing } = api;
  if (!settings.isOn('APP_SPECIFIC_TOKENS')) return [];
  const views = new AppTokenViews(api);
  const access = rules.user('admin');

  async function own(accountId: string, id: string, now: Timestamp): Promise<AppTokenDocument> {
    const token = await queries.accounts.appToken(id);
    if (token?.accountId !== accountId || !views.isKept(token, now)) throw new NotFound();
    return token;
  }

  const list = endpoint({
    ...COMMON,
    operation: 'listAppTokens',
    method: 'GET',
    path: LIST,
    summary: 'Lists the app specific tokens for the user.',
    access,
    query: { expiring: triStateParameter('If true, only returns those tokens expiring soon') },
    answers: { 200: AppTokenList },
    handle: async ({ query: { expiring }, target, now }) => {
      const account = await queries.accounts.byId(target.id);
      const tokens = account ? await queries.accounts.appTokensOf(account) : [];
      return answer(200, await views.list(tokens, expiring, now));
    },
  });

  const create = endpoint({
    ...COMMON,
    operation: 'createAppToken',
    method: 'POST',
    path: LIST,
    summary: 'Create a new app specific token for user.',
    access,
    fresh: true,
    body: AppTokenBody,
    answers: { 200: TokenAnswer },
    handle: async ({ body: { title }, target, context, now }) => {
      const { tokenId, token } = await commands.appTokens.issue(target.id as AccountId, title, context);
      const view = await views.one(await own(target.id, tokenId, now));
      return answer(200, { token: { ...view, token_code: token } });
    },
  });

  const get = endpoint({
    ...COMMON,
    operation: 'getAppToken',
    method: 'GET',
    path: ONE,
    summary: 'Returns a specific app token for the user.',
    access,
    fresh: true,
    answers: { 200: TokenAnswer },
    handle: async ({ path, target, now }) => {
      const token = await own(target.id, path.token_uuid, now);
      const code = await sealing.open(token.token, `${token.tokenEvent}/token`);
      if (code === null || !isAlive(token.expires, now)) throw new NotFound();
      return answer(200, { token: { ...(await views.one(token)), token_code: code } });
    },
  });

  const revoke = endpoint({
    ...COMMON,
    operation: 'revokeAppToken',
    method: 'DELETE',
    path: ONE,
    summary: 'Revokes a specific app token for the user.',
    access,
    fresh: true,
    answers: { 204: null },
    refusals,
    handle: async ({ path, target, context, now }) => {
      const { id } = await own(target.id, path.token_uuid, now);
      await commands.appTokens.revoke(target.id as AccountId, id, context);
      return answer(204, null);
    },
  });
  return [list, create, get, revoke];
}
