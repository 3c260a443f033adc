import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

type Failures = { readonly count: number; readonly last: number };

const REMEMBERED = 100_000;
const LONGEST_SECONDS = 24 * 3600;

/** A login name as attempts are counted for it: as short for a long one, and the same in capitals. */
export const attemptKey = (username: string): string =>
  hash('sha256', username.normalize('NFKC').trim().toLowerCase(), 'base64');

/**
 * The brake on guessing: after n failures in a row a name is locked for 0.5·(2ⁿ − 1) seconds from the last one
 * (contract: conventions §2). Attempts while it is locked do not count. Names are told apart by their `attemptKey`.
 */
export class Attempts {
  readonly #failures = new LRUCache<string, Failures>({ max: REMEMBERED });

  constructor(private readonly now: () => number = Date.now) {}

  /** How long the name is still locked; 0 if it is not. */
  lockedSeconds(key: string): number {
    const failures = this.#failures.get(key);
    if (!failures) return 0;
    const until = failures.last + Math.min(0.5 * (2 ** failures.count - 1), LONGEST_SECONDS) * 1000;
    return Math.max(0, Math.ceil((until - this.now()) / 1000));
  }

  failed(key: string): void {
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    this.#failures.set(key, { count, last: this.now() });
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
