import type { Outcome } from '../commands/streams.js';
import { laterPosition, START, type Position } from '../domain/shared/ids.js';
import { ReadModelsTrail } from '../ports/errors.js';
import { isVain, type ReadModels } from '../projections/readModels.js';

/** In milliseconds. */
export type LagLimits = {
  /** Writes are held back while an earlier one has waited for its read models so long. */
  readonly lag: number;
  /** What was written is waited for so long: longer than it takes until another projector takes over. */
  readonly patience: number;
};

const NOT_SHOWN: Readonly<Record<Outcome, string>> = {
  written: 'it is written, but the read models do not show it yet',
  unchanged: 'nothing was written, and the read models do not show yet why: try again',
};

type Turn = { readonly since: number; readonly position: Position };

/**
 * Keeps writers from running away from the read models: a write is refused before it is appended when an earlier one
 * has waited for its read models too long (design section 4). Not at once: it waits itself for as long, because a change
 * of projectors is no reason to refuse anything.
 */
export class LagGuard {
  /** What is waited for, or was by somebody who gave up, until it is shown; those who began first come first. */
  readonly #turns = new Set<Turn>();

  #written = START;

  constructor(
    private readonly limits: LagLimits,
    private readonly projected: Pick<ReadModels, 'position' | 'waitFor'>,
  ) {}

  /** Since when the read models trail, in seconds; 0 if nobody waits. */
  get seconds(): number {
    const oldest = this.#oldest();
    return oldest ? (performance.now() - oldest.since) / 1000 : 0;
  }

  /** How many positions lie between the last write and what the read models show. */
  get positionGap(): number {
    return Math.max(0, Number(this.#written) - Number(this.projected.position));
  }

  /**
   * Lets a write go on, at once where nothing trails.
   *
   * @throws ReadModelsTrail
   */
  admit(): Promise<void> | undefined {
    const oldest = this.#oldest();
    return oldest && this.#isLate(oldest) ? this.#hold(oldest) : undefined;
  }

  /**
   * An answer waits for a standby to take over, too: who is told to repeat what was done may be told then that it is there
   * already.
   *
   * @param outcome of what is to be answered
   * @throws ReadModelsTrail
   */
  async waitFor(position: Position, outcome: Outcome): Promise<void> {
    this.#written = laterPosition(this.#written, position);
    if (this.projected.position >= position) return;
    const turn = { since: performance.now(), position };
    this.#turns.add(turn);
    try {
      await this.projected.waitFor(position, this.limits.patience);
      this.#turns.delete(turn);
    } catch (error) {
      if (isVain(error)) throw new ReadModelsTrail(NOT_SHOWN[outcome]);
      throw error;
    }
  }

  async #hold(oldest: Turn): Promise<void> {
    const until = performance.now() + this.limits.lag;
    for (let late: Turn | undefined = oldest; late && this.#isLate(late); late = this.#oldest()) {
      try {
        await this.projected.waitFor(late.position, Math.max(0, until - performance.now()));
      } catch (error) {
        if (!isVain(error)) throw error;
        throw new ReadModelsTrail('the read models trail behind the log: nothing was written');
      }
    }
  }

  #isLate({ since }: Turn): boolean {
    return performance.now() - since > this.limits.lag;
  }

  #oldest(): Turn | undefined {
    for (const turn of this.#turns) {
      if (turn.position > this.projected.position) return turn;
      this.#turns.delete(turn);
    }
    return undefined;
  }
}
