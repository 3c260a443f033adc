import { accountAggregate } from '../domain/account/account.js';
import { decideIssueAppToken, decideRevokeAppToken } from '../domain/account/appTokens.js';
import type { AccountId, EventId } from '../domain/shared/ids.js';
import { plusSeconds } from '../domain/shared/time.js';
import type { Clock, Ids } from '../ports/clock.js';
import { sealForAccount } from './accountSealing.js';
import type { CommandContext } from './context.js';
import { generatedSecret, UPPER_ALPHANUMERIC } from './generatedSecrets.js';
import type { Sealing } from './sealing.js';
import { accountStream } from './streamNames.js';
import type { Streams } from './streams.js';

const LENGTH = 120;
const LOOKUP = 60;

/** A token is found by the HMAC of its first half and proved by the whole of it (contract: conventions §11). */
export const appTokenLookup = (sealing: Pick<Sealing, 'lookup'>, token: string): Promise<string> =>
  sealing.lookup('app-token', token.slice(0, LOOKUP));

/** Passwords for single applications, so that each can be taken back without the others. */
export class AppTokenCommands {
  constructor(
    private readonly deps: {
      readonly streams: Streams;
      readonly sealing: Sealing;
      readonly clock: Clock;
      readonly ids: Ids;
      /** Null: for ever (APP_SPECIFIC_TOKEN_EXPIRATION). */
      readonly lifetimeSeconds: number | null;
    },
  ) {}

  async issue(
    accountId: AccountId,
    title: string,
    context: CommandContext,
  ): Promise<{ readonly tokenId: string; readonly token: string }> {
    const { streams, sealing, clock, ids, lifetimeSeconds } = this.deps;
    const token = generatedSecret(LENGTH, UPPER_ALPHANUMERIC);
    const id = ids.next() as EventId;
    const tokenId = ids.next();
    const command = {
      ...{ id, tokenId, title },
      lookup: await appTokenLookup(sealing, token),
      token: await sealForAccount(sealing, accountId, `${id}/token`, token),
      expires: lifetimeSeconds === null ? null : plusSeconds(clock.now(), lifetimeSeconds),
    };
    await streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideIssueAppToken(command, state),
    );
    return { tokenId, token };
  }

  /** What was issued to it is void when this answers. @throws AppTokenUnknown */
  async revoke(accountId: AccountId, tokenId: string, context: CommandContext): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, (state) =>
      decideRevokeAppToken(tokenId, state),
    );
  }
}
