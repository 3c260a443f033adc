import type { EventId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import type { Timestamp } from '../shared/time.js';
import { AppTokenUnknown } from './errors.js';
import type { AccountEvent } from './events.js';
import { active, type Account } from './account.js';

export type IssueAppToken = {
  /** What the sealed token is bound to. */
  readonly id: EventId;
  readonly tokenId: string;
  readonly title: string;
  readonly lookup: string;
  readonly token: Sealed;
  readonly expires: Timestamp | null;
};

export function decideIssueAppToken({ id, ...data }: IssueAppToken, state: Account): AccountEvent[] {
  active(state);
  return [{ id, type: 'AppTokenIssued', data }];
}

/** @throws AppTokenUnknown also for one that was revoked already */
export function decideRevokeAppToken(tokenId: string, state: Account): AccountEvent[] {
  if (!active(state).appTokens.has(tokenId)) throw new AppTokenUnknown();
  return [{ type: 'AppTokenRevoked', data: { tokenId } }];
}
