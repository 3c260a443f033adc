import type { AppTokenDocument } from '../../../projections/accounts.js';
import type { Api } from '../api.js';
import { AppTokenList, AppTokenViews } from '../appspecifictokens/views.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { triStateParameter } from '../framework/query.js';

const BATCH = 500;

/** Tokens of everybody, for who may look everywhere; whose they are, nobody is told (contract: superuser §7). */
export function superuserAppTokenEndpoints(api: Api): readonly Endpoint[] {
  const { settings, rules, queries } = api;
  if (!settings.isOn('APP_SPECIFIC_TOKENS')) return [];
  const views = new AppTokenViews(api);

  const all = async (): Promise<AppTokenDocument[]> => {
    const tokens: AppTokenDocument[] = [];
    let cursor: string | undefined;
    do {
      const page = await queries.accounts.allAppTokens(BATCH, cursor);
      tokens.push(...page.documents);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return tokens;
  };

  return [
    endpoint({
      operation: 'listAllAppTokens',
      method: 'GET',
      path: '/api/v1/superuser/apptokens',
      module: 'superuser',
      summary: 'Returns a list of all app specific tokens in the system.',
      scope: 'super:user',
      access: rules.superuser('audit'),
      fresh: true,
      query: { expiring: triStateParameter('If true, only returns those tokens expiring soon') },
      answers: { 200: AppTokenList },
      handle: async ({ query: { expiring }, now }) => answer(200, await views.list(await all(), expiring, now)),
    }),
  ];
}
