import { accountAggregate, active, type Account } from '../domain/account/account.js';
import { EmailClaimLost } from '../domain/account/errors.js';
import type { AccountEvent } from '../domain/account/events.js';
import { decideChangeEmail, decideChangeProfile, decideVerifyEmail } from '../domain/account/profile.js';
import type { AccountId, EventId } from '../domain/shared/ids.js';
import type { Ids } from '../ports/clock.js';
import { sealForAccount } from './accountSealing.js';
import type { CommandContext } from './context.js';
import { claimEmail, emailHmac, releaseEmail } from './emailClaims.js';
import type { Sealing } from './sealing.js';
import { accountStream } from './streamNames.js';
import type { Streams } from './streams.js';

/** What somebody may tell of himself; null: he does not. */
export type Profile = {
  readonly given_name: string | null;
  readonly family_name: string | null;
  readonly company: string | null;
  readonly location: string | null;
};

const CLAIMS = 3;

/** What people tell of themselves: their address and who they are. */
export class ProfileCommands {
  constructor(private readonly deps: { readonly streams: Streams; readonly sealing: Sealing; readonly ids: Ids }) {}

  /** The address of the registration is his: he may sign in. */
  async verifyEmail(accountId: AccountId, context: CommandContext): Promise<void> {
    await this.#decide(accountId, context, decideVerifyEmail);
  }

  /**
   * Takes another address at once; whether it is his, the caller knows.
   *
   * @throws EmailTaken if another account has it
   */
  async changeEmail(accountId: AccountId, email: string | null, context: CommandContext): Promise<void> {
    const { streams, sealing, ids } = this.deps;
    const hmac = email === null ? null : await emailHmac(sealing, email);
    const id = ids.next() as EventId;
    const sealed = email === null ? null : await sealForAccount(sealing, accountId, `${id}/email`, email);
    for (let attempt = 1; ; attempt++) {
      const before = active(await streams.load(accountAggregate, accountStream(accountId)));
      const old = before.emailHmac;
      if (email !== null && hmac !== null && hmac !== old)
        await claimEmail(streams, context, { email, hmac, accountId });
      const command = { id, email: sealed, emailHmac: hmac, lapses: before.lapses };
      try {
        await this.#decide(accountId, context, (state) => decideChangeEmail(command, state));
      } catch (error) {
        if (!(error instanceof EmailClaimLost) || attempt === CLAIMS) throw error;
        continue;
      }
      if (old !== null && old !== hmac) await releaseEmail(streams, context, { hmac: old, accountId });
      return;
    }
  }

  /** Replaces the whole; who tells nothing at all has no profile. */
  async changeProfile(accountId: AccountId, profile: Profile, context: CommandContext): Promise<void> {
    const { sealing, ids } = this.deps;
    const id = ids.next() as EventId;
    const empty = Object.values(profile).every((value) => value === null);
    const plain = JSON.stringify(profile);
    const sealed = empty ? null : await sealForAccount(sealing, accountId, `${id}/profile`, plain);
    await this.#decide(accountId, context, (state) => decideChangeProfile({ id, profile: sealed }, state));
  }

  async #decide(
    accountId: AccountId,
    context: CommandContext,
    decide: (state: Account) => AccountEvent[],
  ): Promise<void> {
    await this.deps.streams.decide(accountAggregate, accountStream(accountId), context, decide);
  }
}
