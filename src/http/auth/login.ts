import type { CredentialRef } from '../../domain/shared/envelope.js';
import type { AccountDocument } from '../../projections/accounts.js';

/** A credential that is right: what is issued to it is void as soon as the credential is of another generation. */
export type Login = { readonly credential: CredentialRef; readonly generation: number };

/** Somebody proved who he is by his password. */
export type PersonLogin = Login & { readonly account: AccountDocument };

/** Checks one kind of credential. */
export interface Checker {
  /** @throws LoginFailed, LoginLocked */
  check(username: string, secret: string): Promise<Login>;
}

/** A login that failed; the message is the contract's (contract: registry-v2 §4.2). */
export class LoginFailed extends Error {}

/** Too many wrong guesses, or too many logins at once. */
export class LoginLocked extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('Too many login attempts. \nPlease reset your Quay password and try again.');
  }
}

export const DISABLED_USER = 'This user has been disabled. Please contact your administrator.';
