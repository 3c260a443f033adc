/** How long calls took, for a person to look at. */
export class Latency {
  readonly #milliseconds: number[] = [];

  constructor(private readonly what: string) {}

  async of<Result>(call: () => Promise<Result>): Promise<Result> {
    const begun = performance.now();
    const result = await call();
    this.#milliseconds.push(performance.now() - begun);
    return result;
  }

  print(): void {
    const sorted = [...this.#milliseconds].sort((one, other) => one - other);
    const at = (part: number): string => `${(sorted[Math.floor((sorted.length - 1) * part)] ?? 0).toFixed(0)} ms`;
    say(`${this.what}: ${sorted.length} times, median ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}`);
  }
}

/** Beside what the test runner says. */
export function say(line: string): void {
  process.stdout.write(`    ${line}\n`);
}
