import type { EventId, NamespaceId } from '../shared/ids.js';
import type { Sealed } from '../shared/sealed.js';
import { AccountExists, SoleAdministrator } from './errors.js';
import type { AccountEvent } from './events.js';
import { active, type Account } from './account.js';

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

export function decideGenerateClientKey(state: Account): AccountEvent[] {
  active(state);
  return [{ type: 'ClientKeyGenerated', data: {} }];
}

/** @param orphans the organizations that nobody else administers; none where a superuser decides @throws SoleAdministrator */
export function decideDelete(orphans: readonly string[], state: Account): AccountEvent[] {
  const { name } = active(state);
  if (orphans.length > 0) throw new SoleAdministrator(name, orphans);
  return [{ type: 'AccountDeleted', data: {} }];
}

/** Once is enough: whoever goes on with a conversion that broke off finds it done. */
export function decideConvert(state: Account): AccountEvent[] {
  if (state.kind === 'converted') return [];
  active(state);
  return [{ type: 'AccountConverted', data: {} }];
}
