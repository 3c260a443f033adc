import type { EventId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import { EmailClaimLost } from './errors.js';
import type { AccountEvent } from './events.js';
import { active, type Account } from './account.js';

export function decideRename(name: string, state: Account): AccountEvent[] {
  return active(state).name === name ? [] : [{ type: 'AccountRenamed', data: { name } }];
}

export function decideVerifyEmail(state: Account): AccountEvent[] {
  return active(state).verified ? [] : [{ type: 'EmailVerified', data: {} }];
}

export type ChangeEmail = {
  /** What the sealed address is bound to. */
  readonly id: EventId;
  readonly email: Sealed | null;
  readonly emailHmac: string | null;
  /** How many claims had lapsed before this one was made. */
  readonly lapses: number;
};

/** @throws EmailClaimLost */
export function decideChangeEmail({ id, email, emailHmac, lapses }: ChangeEmail, state: Account): AccountEvent[] {
  if (active(state).lapses !== lapses) throw new EmailClaimLost();
  return [{ id, type: 'EmailChanged', data: { email, emailHmac } }];
}

export type ChangeProfile = { readonly id: EventId; readonly profile: Sealed | null };

export function decideChangeProfile({ id, profile }: ChangeProfile, state: Account): AccountEvent[] {
  active(state);
  return [{ id, type: 'ProfileChanged', data: { profile } }];
}
