/** Upper bounds of the classes of durations, in seconds: fine where a registry answers from memory. */
export const BOUNDS: readonly number[] = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

/** Durations by class. Numbers lie in typed arrays, so that recording one allocates nothing. */
export class Durations {
  private readonly bounds = Float64Array.from(BOUNDS);
  /** One for each bound, one for what is longer. */
  private readonly classes = new Float64Array(BOUNDS.length + 1);
  private readonly total = new Float64Array(1);

  /** @param seconds not negative */
  record(seconds: number): void {
    const { bounds, classes, total } = this;
    let index = 0;
    // Counted up because most answers lie in the first classes. Beyond the last bound the comparison is with undefined.
    while (seconds > (bounds[index] ?? Infinity)) index += 1;
    classes[index] = (classes[index] ?? 0) + 1;
    total[0] = (total[0] ?? 0) + seconds;
  }

  get count(): number {
    return this.classes.reduce((sum, each) => sum + each, 0);
  }

  /** In seconds. */
  get sum(): number {
    return this.total[0] ?? 0;
  }

  /** How many were at most as long as each of `BOUNDS`. */
  cumulative(): readonly number[] {
    let sum = 0;
    return BOUNDS.map((_, index) => (sum += this.classes[index] ?? 0));
  }
}
