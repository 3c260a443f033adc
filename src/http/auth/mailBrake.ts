import { LRUCache } from 'lru-cache';

const REMEMBERED = 50_000;
const MOST = 5;
const MILLISECONDS = 10 * 60_000;

/** So that nobody is buried in mail that others ask for in his name: a few to one address, then none for a while. */
export class MailBrake {
  readonly #sent = new LRUCache<string, { count: number; readonly since: number }>({ max: REMEMBERED });

  constructor(private readonly now: () => number = Date.now) {}

  /** Whether one more may go there now; counts it if so. */
  allows(address: string): boolean {
    const known = this.#sent.get(address);
    if (!known || known.since + MILLISECONDS <= this.now()) {
      this.#sent.set(address, { count: 1, since: this.now() });
      return true;
    }
    return ++known.count <= MOST;
  }
}
