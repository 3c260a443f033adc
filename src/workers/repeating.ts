/** Work that is done again and again, never twice at a time. */
export class Repeating {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(
    private readonly options: {
      /** `signal` aborts when it is to stop: then it may end by rejecting with its reason. */
      readonly work: (signal: AbortSignal) => Promise<void>;
      readonly intervalSeconds: number;
      readonly failed: (error: unknown) => void;
    },
  ) {}

  /** The first time is now: a process that restarts often works too. */
  start(): void {
    this.soon();
    this.#timer = setInterval(() => {
      this.soon();
    }, this.options.intervalSeconds * 1000);
    this.#timer.unref();
  }

  /** Once more, as soon as the present work is done. */
  soon(): void {
    this.#running = this.#running.then(() => this.#work());
  }

  /** Resolves when the work that began is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#running;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    try {
      await this.options.work(signal);
    } catch (error) {
      if (error !== signal.reason) this.options.failed(error);
    }
  }
}
