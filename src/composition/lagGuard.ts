import { laterPosition, START, type Position } from '../domain/shared/ids.js';
import { StoreUnavailable } from '../ports/errors.js';

type Projected = { readonly position: Position; waitFor(position: Position): Promise<void> };

/**
 * Keeps writers from running away from the read models: a write is refused before it is appended when an earlier one
 * has waited for its read models too long (design section 4).
 */
export class LagGuard {
  /** When each write that is still waiting began to wait, oldest first. */
  readonly #waiting = new Set<{ readonly since: number }>();

  #written = START;

  constructor(
    private readonly limitMilliseconds: number,
    private readonly projected: Projected,
  ) {}

  /** Since when the read models trail, in seconds; 0 if nobody waits. */
  get seconds(): number {
    const [oldest] = this.#waiting;
    return oldest ? (performance.now() - oldest.since) / 1000 : 0;
  }

  /** How many positions lie between the last write and what the read models show. */
  get positionGap(): number {
    return Math.max(0, Number(this.#written) - Number(this.projected.position));
  }

  /** @throws StoreUnavailable */
  check(): void {
    if (this.seconds * 1000 > this.limitMilliseconds) {
      throw new StoreUnavailable('the read models trail behind the log: nothing was written');
    }
  }

  /** After an append the answer waits as long as the request lives: nobody is told to repeat what was done. */
  async waitFor(position: Position): Promise<void> {
    this.#written = laterPosition(this.#written, position);
    if (this.projected.position >= position) return;
    const turn = { since: performance.now() };
    this.#waiting.add(turn);
    try {
      await this.projected.waitFor(position);
    } finally {
      this.#waiting.delete(turn);
    }
  }
}
