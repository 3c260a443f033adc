/**
 * How much is done in one go where an engine may be too slow for much: everything until something fails, then half of
 * what failed, and after each success half as much again.
 */
export class BatchSize {
  /** 0: a single item failed. */
  #most = Infinity;

  /** @param isTooMuch whether less may help after a failure */
  constructor(private readonly isTooMuch: (error: unknown) => boolean = () => true) {}

  /** Whether a single item failed: fewer do not help. */
  get isSmallest(): boolean {
    return this.#most === 0;
  }

  /** Does something with all items, part after part, in order. After a failure the rest is left alone. @throws what `act` throws */
  async inParts<Item>(items: readonly Item[], act: (part: readonly Item[]) => Promise<void>): Promise<void> {
    for (let from = 0; from < items.length;) {
      const most = this.#most;
      const part = items.slice(from, from + Math.max(1, most));
      try {
        await act(part);
      } catch (error) {
        if (this.isTooMuch(error)) this.#most = Math.min(this.#most, Math.floor(part.length / 2));
        throw error;
      }
      // What was small by itself says nothing of what can be done in one go.
      if (part.length >= most && this.#most === most) this.#most = Math.ceil(Math.max(1, most) * 1.5);
      from += part.length;
    }
  }
}
