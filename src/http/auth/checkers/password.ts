import { sameName, type LoginAttempts } from '../../../commands/loginAttempts.js';
import type { PasswordHasher } from '../../../commands/passwords.js';
import type { Sealing } from '../../../commands/sealing.js';
import { KeyedMutex } from '../../../concurrency/keyedMutex.js';
import { Slots, SlotsFull } from '../../../concurrency/slots.js';
import type { AccountDocument, AccountQueries } from '../../../projections/accounts.js';
import type { EncryptedPasswords } from '../encryptedPassword.js';
import { DISABLED_USER, LoginFailed, LoginLocked, type Checker, type PersonLogin } from '../login.js';
import { RecentPasswords } from '../recentPasswords.js';

const ENCRYPTED_ONLY =
  'Client login with unencrypted passwords is disabled. Please generate an encrypted password in the user admin panel for use here.';

/** Passwords that are compared at once: each takes 19 MiB and a thread. */
const COMPARED_AT_ONCE = 4;
const MOST_WAITING = 64;
const BUSY_SECONDS = 1;

/** Passwords of people, in clear or encrypted by this registry. */
export class PasswordChecker implements Checker {
  readonly #oneAtATime = new KeyedMutex<string>();
  readonly #slots = new Slots(COMPARED_AT_ONCE, MOST_WAITING);
  readonly #recent = new RecentPasswords();

  constructor(
    private readonly deps: {
      readonly accounts: Pick<AccountQueries, 'byName' | 'byEmail'>;
      readonly sealing: Pick<Sealing, 'lookup' | 'open'>;
      readonly passwords: PasswordHasher;
      readonly attempts: LoginAttempts;
      readonly encrypted: EncryptedPasswords;
      /** Plain passwords are refused (FEATURE_REQUIRE_ENCRYPTED_BASIC_AUTH). */
      readonly encryptedOnly: boolean;
    },
  ) {}

  /**
   * @param username name or e-mail address
   * @throws LoginFailed, LoginLocked
   */
  async check(username: string, password: string): Promise<PersonLogin> {
    const { encrypted, encryptedOnly } = this.deps;
    const decrypted = encrypted.decrypt(password);
    const account = await this.owner(username, decrypted ?? password);
    if (encryptedOnly && decrypted === undefined) throw new LoginFailed(ENCRYPTED_ONLY);
    // Only who knows the password learns in which state the account is.
    if (account.disabled) throw new LoginFailed(DISABLED_USER);
    if (!account.verified) throw new LoginFailed('Please verify your email address before logging in.');
    const credential = { kind: 'password', id: account.id } as const;
    return { account, credential, generation: account.passwordGeneration };
  }

  /**
   * Whose password it is, in whatever state his account may be.
   *
   * @throws LoginFailed, LoginLocked
   */
  owner(username: string, password: string): Promise<AccountDocument> {
    return this.#oneAtATime.run(sameName(username), () => this.#attempt(username, password));
  }

  /** Who has a new password begins anew. @param names by which he signs in */
  async forgive(names: readonly string[]): Promise<void> {
    await this.deps.attempts.forgive(names);
  }

  /** One at a time for each name: of guesses at once, each but the first finds the name locked by the one before. */
  async #attempt(username: string, password: string): Promise<AccountDocument> {
    const attempts = await this.deps.attempts.of(username);
    if (attempts.lockedSeconds > 0) throw new LoginLocked(attempts.lockedSeconds);
    const account = await this.#find(username);
    if (!(await this.#matches(account, password)) || !account) {
      await attempts.failed();
      throw new LoginFailed('Invalid Username or Password');
    }
    await attempts.succeeded();
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
