/** Work that is done again and again, never twice at a time. */
export class Repeating {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: {
      readonly work: () => Promise<void>;
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
    this.#running = this.#running.then(() => this.options.work()).catch(this.options.failed);
  }

  /** Resolves when the work that began is done. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }
}
