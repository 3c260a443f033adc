import { TOKEN_LOOKUP } from '../../../commands/applications.js';
import type { Sealing } from '../../../commands/sealing.js';
import { isAlive } from '../../../domain/shared/time.js';
import type { Clock } from '../../../ports/clock.js';
import type { AccountQueries } from '../../../projections/accounts.js';
import type { ApplicationQueries } from '../../../projections/applicationQueries.js';
import { LoginFailed, type Checker, type Login } from '../login.js';

/** The only generation of a token: it is revoked, never changed. */
const GENERATION = 1;

/** Access tokens of OAuth applications, as password of `$oauthtoken`. Nobody guesses one, so guesses are not counted. */
export class OAuthTokenChecker implements Checker {
  constructor(
    private readonly deps: {
      readonly applications: Pick<ApplicationQueries, 'tokenByLookup'>;
      readonly accounts: Pick<AccountQueries, 'byId'>;
      readonly sealing: Pick<Sealing, 'lookup'>;
      readonly clock: Clock;
    },
  ) {}

  async check(_username: string, secret: string): Promise<Login> {
    const { applications, accounts, sealing, clock } = this.deps;
    const token = await applications.tokenByLookup(await sealing.lookup(TOKEN_LOOKUP, secret));
    const account = token && (await accounts.byId(token.accountId));
    if (!account) throw new LoginFailed('OAuth access token could not be validated');
    if (!isAlive(token.expires, clock.now())) throw new LoginFailed('OAuth access token has expired');
    if (account.disabled) throw new LoginFailed('Granter of the oauth access token is disabled');
    return { credential: { kind: 'oauth-token', id: token.id }, generation: GENERATION };
  }
}
