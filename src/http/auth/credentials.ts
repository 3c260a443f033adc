import { decodeBasic } from './basic.js';
import type { CredentialRef } from '../../domain/shared/envelope.js';
import type { AccountDocument, AccountQueries } from '../../projections/accounts.js';
import type { PasswordHasher } from '../../commands/passwords.js';
import type { Sealing } from '../../commands/sealing.js';
import { KeyedMutex } from '../../concurrency/keyedMutex.js';
import { Slots, SlotsFull } from '../../concurrency/slots.js';
import { attemptKey, type Attempts } from './attempts.js';
import type { EncryptedPasswords } from './encryptedPassword.js';
import { RecentPasswords } from './recentPasswords.js';

/** A login that failed; the message is the contract's, and tells nobody which accounts exist. */
export class LoginFailed extends Error {}

/** Too many wrong passwords, or too many logins at once: no password is looked at until then. */
export class LoginLocked extends Error {
  constructor(readonly retryAfterSeconds: number) {
    super('Too many login attempts. \nPlease reset your Quay password and try again.');
  }
}

const ENCRYPTED_ONLY =
  'Client login with unencrypted passwords is disabled. Please generate an encrypted password in the user admin panel for use here.';

/** Passwords that are compared at once: each takes 19 MiB and a thread. */
const COMPARED_AT_ONCE = 4;
const MOST_WAITING = 64;
const BUSY_SECONDS = 1;

export type Login = { readonly account: AccountDocument; readonly credential: CredentialRef };

/** Checks who somebody is by what he knows. */
export class Credentials {
  readonly #oneAtATime = new KeyedMutex<string>();
  readonly #slots = new Slots(COMPARED_AT_ONCE, MOST_WAITING);
  readonly #recent = new RecentPasswords();

  constructor(
    private readonly deps: {
      readonly accounts: Pick<AccountQueries, 'byName' | 'byEmail'>;
      readonly sealing: Pick<Sealing, 'lookup' | 'open'>;
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
    const { encrypted, encryptedOnly } = this.deps;
    const decrypted = encrypted.decrypt(password);
    const key = attemptKey(username);
    const account = await this.#oneAtATime.run(key, () => this.#attempt(key, username, decrypted ?? password));
    if (encryptedOnly && decrypted === undefined) throw new LoginFailed(ENCRYPTED_ONLY);
    // Only who knows the password learns in which state the account is.
    if (account.disabled) throw new LoginFailed('This user has been disabled. Please contact your administrator.');
    if (!account.verified) throw new LoginFailed('Please verify your email address before logging in.');
    return { account, credential: { kind: 'password', id: account.id } };
  }

  /** One at a time for each name: of guesses at once, each but the first finds the name locked by the one before. */
  async #attempt(key: string, username: string, password: string): Promise<AccountDocument> {
    const { attempts } = this.deps;
    const locked = attempts.lockedSeconds(key);
    if (locked > 0) throw new LoginLocked(locked);
    const account = await this.#find(username);
    if (!(await this.#matches(account, password)) || !account) {
      attempts.failed(key);
      throw new LoginFailed('Invalid Username or Password');
    }
    attempts.succeeded(key);
    return account;
  }

  async #matches(account: AccountDocument | undefined, password: string): Promise<boolean> {
    const hash = account ? await this.#hash(account) : null;
    if (account && hash !== null && this.#recent.has(account, hash, password)) return true;
    const matches = await this.#compare(hash, password);
    if (account && hash !== null && matches) this.#recent.add(account, hash, password);
    return matches;
  }

  /** @throws LoginLocked if too many wait already */
  async #compare(hash: string | null, password: string): Promise<boolean> {
    try {
      return await this.#slots.run(() => this.deps.passwords.verify(hash, password));
    } catch (error) {
      throw error instanceof SlotsFull ? new LoginLocked(BUSY_SECONDS) : error;
    }
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
