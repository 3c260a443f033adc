import { appTokenLookup } from '../../../commands/appTokens.js';
import type { Sealing } from '../../../commands/sealing.js';
import { isAlive } from '../../../domain/shared/time.js';
import type { Clock } from '../../../ports/clock.js';
import type { AppTokenDocument } from '../../../projections/accountDocuments.js';
import type { AccountQueries } from '../../../projections/accounts.js';
import { DISABLED_USER, LoginFailed, type Checker, type Login } from '../login.js';
import { sameSecret } from '../sameSecret.js';

/** The only generation of a token: it is revoked, never changed. */
const GENERATION = 1;

/** App-specific tokens, as password of `$app`. Nobody guesses one, so guesses are not counted. */
export class AppTokenChecker implements Checker {
  constructor(
    private readonly deps: {
      readonly accounts: Pick<AccountQueries, 'appTokenByLookup' | 'byId'>;
      readonly sealing: Pick<Sealing, 'lookup' | 'open'>;
      readonly clock: Clock;
      /** FEATURE_APP_SPECIFIC_TOKENS */
      readonly enabled: boolean;
    },
  ) {}

  async check(_username: string, secret: string): Promise<Login> {
    const { accounts, sealing, clock, enabled } = this.deps;
    const token = enabled ? await accounts.appTokenByLookup(await appTokenLookup(sealing, secret)) : undefined;
    if (!token || !(await this.#isWhole(token, secret)) || !isAlive(token.expires, clock.now())) {
      throw new LoginFailed('Invalid token');
    }
    const account = await accounts.byId(token.accountId);
    if (account?.disabled !== false) throw new LoginFailed(DISABLED_USER);
    return { credential: { kind: 'app-token', id: token.id }, generation: GENERATION };
  }

  /** It was found by its first half; the other proves it. */
  async #isWhole({ token, tokenEvent }: AppTokenDocument, secret: string): Promise<boolean> {
    const whole = await this.deps.sealing.open(token, `${tokenEvent}/token`);
    return whole !== null && sameSecret(whole, secret);
  }
}
