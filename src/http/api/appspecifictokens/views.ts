import Type, { type Static } from 'typebox';
import type { LastUses } from '../../../commands/lastUses.js';
import { isAlive, plusSeconds, type Timestamp } from '../../../domain/shared/time.js';
import type { AppTokenDocument } from '../../../projections/accounts.js';
import type { ApiSettings } from '../settings.js';
import { rfc2822 } from '../shared/dates.js';

const members = {
  uuid: Type.String(),
  title: Type.String(),
  last_accessed: Type.Union([Type.String(), Type.Null()]),
  created: Type.String(),
  expiration: Type.Union([Type.String(), Type.Null()]),
};

export const AppTokenView = Type.Object(members);
export type AppTokenView = Static<typeof AppTokenView>;

/** With the token itself: for its owner, one at a time. */
export const AppTokenWithCode = Type.Object({ ...members, token_code: Type.String() });

export const AppTokenList = Type.Object({
  tokens: Type.Array(AppTokenView),
  only_expiring: Type.Union([Type.Boolean(), Type.Null()]),
});

/** Tokens as they are listed; expired ones for a while, too (contract: accounts §3). */
export class AppTokenViews {
  constructor(
    private readonly api: {
      readonly settings: Pick<ApiSettings, 'appTokenExpiringSeconds' | 'appTokenKeptSeconds'>;
      readonly lastUses: Pick<LastUses, 'of'>;
    },
  ) {}

  /** @param expiring only those that have not much time left */
  async list(
    tokens: readonly AppTokenDocument[],
    expiring: boolean | null,
    now: Timestamp,
  ): Promise<Static<typeof AppTokenList>> {
    const listed = tokens.filter(
      (token) => this.isKept(token, now) && (expiring !== true || this.#isExpiring(token, now)),
    );
    const uses = await this.api.lastUses.of(listed.map(({ id }) => ({ kind: 'app-token', id })));
    return { tokens: listed.map((token, index) => viewOf(token, uses[index] ?? null)), only_expiring: expiring };
  }

  async one(token: AppTokenDocument): Promise<AppTokenView> {
    const [used = null] = await this.api.lastUses.of([{ kind: 'app-token', id: token.id }]);
    return viewOf(token, used);
  }

  /** What expired long ago is as good as gone (EXPIRED_APP_SPECIFIC_TOKEN_GC). */
  isKept({ expires }: AppTokenDocument, now: Timestamp): boolean {
    const { appTokenKeptSeconds: seconds } = this.api.settings;
    return expires === null || seconds === null || plusSeconds(expires, seconds) > now;
  }

  #isExpiring({ expires }: AppTokenDocument, now: Timestamp): boolean {
    if (expires === null || !isAlive(expires, now)) return false;
    return expires <= plusSeconds(now, this.api.settings.appTokenExpiringSeconds);
  }
}

const viewOf = ({ id, title, created, expires }: AppTokenDocument, used: Timestamp | null): AppTokenView => ({
  ...{ uuid: id, title, last_accessed: rfc2822(used), created: rfc2822(created), expiration: rfc2822(expires) },
});
