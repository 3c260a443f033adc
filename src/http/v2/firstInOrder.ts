/** The first few texts, in the order of their code units, of however many are offered in whatever order; each once. */
export class FirstInOrder {
  readonly #kept: string[] = [];

  constructor(
    private readonly limit: number,
    /** Exclusive start: what does not sort after it is left out. */
    private readonly after: string,
  ) {}

  get kept(): readonly string[] {
    return this.#kept;
  }

  get isFull(): boolean {
    return this.#kept.length >= this.limit;
  }

  /** Whether it would be kept: if not, nor would anything that sorts after it once the list is full. */
  wants(text: string): boolean {
    const last = this.#kept.at(-1);
    return text > this.after && !(this.isFull && last !== undefined && text >= last);
  }

  offer(text: string): void {
    if (!this.wants(text)) return;
    const place = this.#placeOf(text);
    if (this.#kept[place] === text) return;
    this.#kept.splice(place, 0, text);
    if (this.#kept.length > this.limit) this.#kept.pop();
  }

  /** Of the first kept text that does not sort before it. */
  #placeOf(text: string): number {
    let [low, high] = [0, this.#kept.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#kept[middle] ?? '') < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
