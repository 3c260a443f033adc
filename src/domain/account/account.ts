import type { Aggregate } from '../shared/event.js';
import type { NamespaceId } from '../shared/ids.js';
import { AccountUnknown } from './errors.js';
import type { AccountEvent } from './events.js';

export type ActiveAccount = {
  readonly kind: 'active';
  readonly name: string;
  readonly namespaceId: NamespaceId;
  readonly emailHmac: string | null;
  readonly verified: boolean;
  readonly disabled: boolean;
  readonly superuser: boolean;
  readonly passwordGeneration: number;
  /** How often all sessions were ended. */
  readonly sessionsEnded: number;
  /** How many of its claims went to others, because it did not take them up in time. */
  readonly lapses: number;
  /** The ids of those that were not revoked. */
  readonly appTokens: Set<string>;
  readonly stars: Set<string>;
  readonly dismissed: Set<string>;
};

export type Account = { readonly kind: 'none' | 'abandoned' | 'deleted' | 'converted' } | ActiveAccount;

export const accountAggregate: Aggregate<Account, AccountEvent> = {
  category: 'account',
  version: 3,
  initial: () => ({ kind: 'none' }),
  evolve(state, event) {
    switch (event.type) {
      case 'AccountRegistered': {
        const { name, namespaceId, emailHmac, verified } = event.data;
        return {
          ...{ kind: 'active', name, namespaceId, emailHmac, verified, disabled: false, superuser: false },
          ...{ passwordGeneration: 0, sessionsEnded: 0, lapses: 0 },
          ...{ appTokens: new Set(), stars: new Set(), dismissed: new Set() },
        };
      }
      case 'AccountDeleted':
        return { kind: 'deleted' };
      case 'AccountConverted':
        return { kind: 'converted' };
      case 'CreationAbandoned':
        return { kind: 'abandoned' };
      default:
        return state.kind === 'active' ? { ...state, ...changeBy(event, state) } : state;
    }
  },
};

type Change = Exclude<
  AccountEvent,
  { type: 'AccountRegistered' | 'AccountDeleted' | 'AccountConverted' | 'CreationAbandoned' }
>;

function changeBy(event: Change, state: ActiveAccount): Partial<ActiveAccount> {
  switch (event.type) {
    case 'AccountRenamed':
      return { name: event.data.name };
    case 'EmailVerified':
      return { verified: true };
    case 'EmailChanged':
      return { emailHmac: event.data.emailHmac, verified: true };
    case 'PasswordChanged':
      return { passwordGeneration: event.data.generation };
    case 'SuperuserGranted':
      return { superuser: true };
    case 'SuperuserRevoked':
      return { superuser: false };
    case 'AccountDisabled':
      return { disabled: true };
    case 'AccountEnabled':
      return { disabled: false };
    case 'SessionsEnded':
      return { sessionsEnded: event.data.generation };
    case 'NameClaimLapsed':
      return { lapses: state.lapses + 1 };
    case 'ProfileChanged':
    case 'SignedIn':
    case 'ClientKeyGenerated':
      return {};
    default:
      keep(event, state);
      return {};
  }
}

/** What there may be many of is changed in place. */
function keep(
  event: Extract<
    AccountEvent,
    {
      type:
        'AppTokenIssued' | 'AppTokenRevoked' | 'RepositoryStarred' | 'RepositoryUnstarred' | 'NotificationDismissed';
    }
  >,
  { appTokens, stars, dismissed }: ActiveAccount,
): void {
  switch (event.type) {
    case 'AppTokenIssued':
      appTokens.add(event.data.tokenId);
      return;
    case 'AppTokenRevoked':
      appTokens.delete(event.data.tokenId);
      return;
    case 'RepositoryStarred':
      stars.add(event.data.repositoryId);
      return;
    case 'RepositoryUnstarred':
      stars.delete(event.data.repositoryId);
      return;
    case 'NotificationDismissed':
      if (event.data.dismissed) dismissed.add(event.data.notificationId);
      else dismissed.delete(event.data.notificationId);
  }
}

/** @throws AccountUnknown */
export function active(state: Account): ActiveAccount {
  if (state.kind !== 'active') throw new AccountUnknown();
  return state;
}
