import { decodeBasic } from './basic.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import type { AccountDocument, AccountQueries } from '../../projections/accounts.js';
import type { PasswordHasher } from '../../commands/passwords.js';
import type { Sealing } from '../../commands/sealing.js';
import type { Attempts } from './attempts.js';
import type { EncryptedPasswords } from './encryptedPassword.js';

/** A login that failed; the message is the contract's, and tells nobody which accounts exist. */
export class LoginFailed extends Error {}

/** Too many wrong passwords: no password is looked at until then. */
export class LoginLocked extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('Too many login attempts. \nPlease reset your Quay password and try again.');
  }
}

const ENCRYPTED_ONLY =
  'Client login with unencrypted passwords is disabled. Please generate an encrypted password in the user admin panel for use here.';

export type Login = { readonly account: AccountDocument; readonly credential: CredentialRef };

/** Checks who somebody is by what he knows. */
export class Credentials {
  constructor(
    private readonly deps: {
      readonly accounts: AccountQueries;
      readonly sealing: Sealing;
      readonly passwords: PasswordHasher;
      readonly attempts: Attempts;
      readonly encrypted: EncryptedPasswords;
      /** Plain passwords are refused (FEATURE_REQUIRE_ENCRYPTED_BASIC_AUTH). */
      readonly encryptedOnly: boolean;
    },
  ) {}

  /** @throws LoginFailed, LoginLocked */
  async fromBasic(header: string): Promise<Login> {
    const basic = decodeBasic(header);
    if (!basic) throw new LoginFailed('Specified credentials are invalid');
    return this.password(basic.username, basic.password);
  }

  /** @param username name or e-mail address */
  async password(username: string, password: string): Promise<Login> {
    const { attempts, passwords, encrypted, encryptedOnly } = this.deps;
    const locked = attempts.lockedSeconds(username);
    if (locked > 0) throw new LoginLocked(locked);
    const account = await this.#find(username);
    const hash = account ? await this.#hash(account) : null;
    const decrypted = encrypted.decrypt(password);
    const matches = await passwords.verify(hash, decrypted ?? password);
    if (!account || !matches) {
      attempts.failed(username);
      throw new LoginFailed('Invalid Username or Password');
    }
    attempts.succeeded(username);
    if (encryptedOnly && decrypted === undefined) throw new LoginFailed(ENCRYPTED_ONLY);
    // Only who knows the password learns in which state the account is.
    if (account.disabled) throw new LoginFailed('This user has been disabled. Please contact your administrator.');
    if (!account.verified) throw new LoginFailed('Please verify your email address before logging in.');
    return { account, credential: { kind: 'password', id: account.id } };
  }

  async #find(username: string): Promise<AccountDocument | undefined> {
    const { accounts, sealing } = this.deps;
    if (!username.includes('@')) return accounts.byName(username);
    return accounts.byEmail(await sealing.lookup('email', username.toLowerCase()));
  }

  async #hash({ passwordHash, passwordEvent }: AccountDocument): Promise<string | null> {
    if (!passwordHash || passwordEvent === null) return null;
    return this.deps.sealing.open(passwordHash, `${passwordEvent}/passwordHash`);
  }
}
