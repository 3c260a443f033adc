import { DomainError } from '../shared/errors.js';
import type { Aggregate } from '../shared/event.js';
import type { EventId, NamespaceId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import type { AccountEvent } from './events.js';

export type Account =
  | { readonly kind: 'none' | 'abandoned' | 'deleted' }
  | {
      readonly kind: 'active';
      readonly name: string;
      readonly namespaceId: NamespaceId;
      readonly disabled: boolean;
      readonly superuser: boolean;
      readonly passwordGeneration: number;
      /** How often all sessions were ended. */
      readonly sessionsEnded: number;
    };

export class AccountUnknown extends DomainError {
  readonly code = 'account-unknown';
  constructor() {
    super('there is no such account');
  }
}

export class AccountExists extends DomainError {
  readonly code = 'account-exists';
  constructor() {
    super('the account exists already');
  }
}

export const accountAggregate: Aggregate<Account, AccountEvent> = {
  category: 'account',
  version: 2,
  initial: () => ({ kind: 'none' }),
  evolve(state, event) {
    switch (event.type) {
      case 'AccountRegistered': {
        const { name, namespaceId } = event.data;
        return {
          ...{ kind: 'active', name, namespaceId, disabled: false, superuser: false },
          ...{ passwordGeneration: 0, sessionsEnded: 0 },
        };
      }
      case 'AccountDeleted':
        return { kind: 'deleted' };
      case 'CreationAbandoned':
        return { kind: 'abandoned' };
      default:
        return state.kind === 'active' ? { ...state, ...changeBy(event) } : state;
    }
  },
};

function changeBy(
  event: Exclude<AccountEvent, { type: 'AccountRegistered' | 'AccountDeleted' | 'CreationAbandoned' }>,
): Partial<Extract<Account, { kind: 'active' }>> {
  switch (event.type) {
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
    case 'SignedIn':
      return {};
  }
}

export type RegisterAccount = {
  readonly name: string;
  readonly namespaceId: NamespaceId;
  readonly email: Sealed | null;
  readonly emailHmac: string | null;
  readonly verified: boolean;
  readonly superuser: boolean;
  readonly passwordHash: Sealed | null;
  /** The ids that the sealed fields are bound to. */
  readonly ids: { readonly registered: EventId; readonly password: EventId };
};

export function decideRegister(command: RegisterAccount, state: Account): AccountEvent[] {
  if (state.kind !== 'none') throw new AccountExists();
  const { name, namespaceId, email, emailHmac, verified, passwordHash, ids } = command;
  const events: AccountEvent[] = [
    { id: ids.registered, type: 'AccountRegistered', data: { name, namespaceId, email, emailHmac, verified } },
  ];
  if (passwordHash) events.push({ id: ids.password, type: 'PasswordChanged', data: { passwordHash, generation: 1 } });
  if (command.superuser) events.push({ type: 'SuperuserGranted', data: {} });
  return events;
}

export type ChangePassword = { readonly passwordHash: Sealed; readonly id: EventId };

export function decideChangePassword(command: ChangePassword, state: Account): AccountEvent[] {
  const { passwordGeneration } = active(state);
  const data = { passwordHash: command.passwordHash, generation: passwordGeneration + 1 };
  return [{ id: command.id, type: 'PasswordChanged', data }];
}

export function decideSetDisabled(disabled: boolean, state: Account): AccountEvent[] {
  if (active(state).disabled === disabled) return [];
  return [{ type: disabled ? 'AccountDisabled' : 'AccountEnabled', data: {} }];
}

/** @throws AccountUnknown */
export function decideSignIn(state: Account): AccountEvent[] {
  active(state);
  return [{ type: 'SignedIn', data: {} }];
}

/** Signing out in one place signs out everywhere. */
export function decideEndSessions(state: Account): AccountEvent[] {
  return [{ type: 'SessionsEnded', data: { generation: active(state).sessionsEnded + 1 } }];
}

export function decideDelete(state: Account): AccountEvent[] {
  active(state);
  return [{ type: 'AccountDeleted', data: {} }];
}

function active(state: Account): Extract<Account, { kind: 'active' }> {
  if (state.kind !== 'active') throw new AccountUnknown();
  return state;
}
