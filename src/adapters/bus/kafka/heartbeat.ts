/** Tells the group again and again that this member lives, while it is at work on a batch. */
export class Heartbeat {
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(beat: () => Promise<void>, milliseconds: number) {
    this.#timer = setInterval(() => {
      beat().catch((error: unknown) => {
        this.#lost.abort(error);
      });
    }, milliseconds);
  }

  /** Aborts when a beat failed: the partition may be somebody else's now. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
