/** So many are at work, and so many wait for them. */
export class SlotsFull extends Error {
  constructor() {
    super('too many tasks wait already');
    this.name = 'SlotsFull';
  }
}

/** Lets so many tasks at a time run, in order of arrival; of those that wait there is a bound too. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(
    slots: number,
    private readonly mostWaiting: number,
  ) {
    this.#free = slots;
  }

  /** @throws SlotsFull before the task began */
  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await this.#turn();
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.mostWaiting) throw new SlotsFull();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
