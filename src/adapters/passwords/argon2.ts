import { hash, verify } from '@node-rs/argon2';
import { Slots } from '../../concurrency/slots.js';
import type { PasswordHasher } from '../../commands/passwords.js';

/** OWASP's first choice for argon2id (the library's default kind): 19 MiB, two passes; some 20 ms, in a pool thread. */
const OPTIONS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** New passwords at once: anybody may sign up, and files are read by the same threads. */
const HASHED_AT_ONCE = 2;
const MOST_WAITING = 64;

export class Argon2Hasher implements PasswordHasher {
  /** A hash of nothing in particular, so that an unknown account costs as much as a known one. */
  readonly #decoy = hash('no account has this password', OPTIONS);
  readonly #slots = new Slots(HASHED_AT_ONCE, MOST_WAITING);

  /** @throws SlotsFull if too many wait already */
  hash(password: string): Promise<string> {
    return this.#slots.run(() => hash(password, OPTIONS));
  }

  async verify(stored: string | null, password: string): Promise<boolean> {
    const matches = await verify(stored ?? (await this.#decoy), password);
    return matches && stored !== null;
  }
}
