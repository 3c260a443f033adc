import { createHmac, randomBytes } from 'node:crypto';
import type { AccountDocument } from '../../projections/accounts.js';
import { BoundedMap } from '../boundedMap.js';

const REMEMBERED = 10_000;
const MILLISECONDS = 10_000;

/**
 * Passwords that were right a moment ago: a client that pulls in parallel logs in many times at once, and one look at
 * its password is enough. What is kept says nothing without a key that only this process has ever had.
 */
export class RecentPasswords {
  readonly #key = randomBytes(32);
  /** Until when each is remembered, in milliseconds. */
  readonly #until = new BoundedMap<string, number>(REMEMBERED);

  constructor(private readonly now: () => number = Date.now) {}

  /** @param hash what the account's passwords are compared with now: with a new one, the old password is forgotten */
  has(account: AccountDocument, hash: string, password: string): boolean {
    const until = this.#until.get(this.#mark(account, hash, password));
    return until !== undefined && until > this.now();
  }

  add(account: AccountDocument, hash: string, password: string): void {
    this.#until.set(this.#mark(account, hash, password), this.now() + MILLISECONDS);
  }

  #mark({ id, passwordGeneration }: AccountDocument, hash: string, password: string): string {
    const facts = JSON.stringify([id, passwordGeneration, hash, password]);
    return createHmac('sha256', this.#key).update(facts).digest('base64');
  }
}
