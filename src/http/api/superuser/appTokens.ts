import Type, { type Static } from 'typebox';
import { plusSeconds, type Timestamp } from '../../../domain/shared/time.js';
import type { AppTokenDocument } from '../../../projections/accounts.js';
import type { Api } from '../api.js';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { triStateParameter } from '../framework/query.js';
import { rfc2822 } from '../shared/dates.js';

const TokenView = Type.Object({
  uuid: Type.String(),
  title: Type.String(),
  last_accessed: Type.Union([Type.String(), Type.Null()]),
  created: Type.String(),
  expiration: Type.Union([Type.String(), Type.Null()]),
});

const BATCH = 500;

/** Whose it is, and the token itself, nobody is told. */
const tokenView = (
  { id, title, created, expires }: AppTokenDocument,
  lastUsed: Timestamp | null,
): Static<typeof TokenView> => ({
  uuid: id,
  title,
  last_accessed: rfc2822(lastUsed),
  created: rfc2822(created),
  expiration: rfc2822(expires),
});

/** Tokens of everybody, for who may look everywhere (contract: superuser §7). */
export function superuserAppTokenEndpoints({ settings, rules, queries, lastUses }: Api): readonly Endpoint[] {
  if (!settings.isOn('APP_SPECIFIC_TOKENS')) return [];

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
  const isExpiring =
    (now: Timestamp) =>
    ({ expires }: AppTokenDocument): boolean =>
      expires !== null && expires > now && expires <= plusSeconds(now, settings.appTokenExpiringSeconds);

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
      answers: {
        200: Type.Object({
          tokens: Type.Array(TokenView),
          only_expiring: Type.Union([Type.Boolean(), Type.Null()]),
        }),
      },
      handle: async ({ query: { expiring }, now }) => {
        const tokens = (await all()).filter(expiring === true ? isExpiring(now) : () => true);
        const uses = await lastUses.of(tokens.map(({ id }) => ({ kind: 'app-token', id })));
        const views = tokens.map((token, index) => tokenView(token, uses[index] ?? null));
        return answer(200, { tokens: views, only_expiring: expiring });
      },
    }),
  ];
}
