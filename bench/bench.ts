import type { Row } from './report.js';

/** What every suite is given. */
export type Bench = {
  /** A new empty folder on the disk that is measured. */
  readonly folder: (name: string) => Promise<string>;
  /** How many rounds are run; each measures every subject once, in turn. */
  readonly rounds: number;
  /** How long one subject is under load in one round. */
  readonly seconds: number;
  /** Where CPU profiles of our server go; undefined: none are taken. */
  readonly profiles: string | undefined;
  /** Tells a person how far it is. */
  readonly note: (text: string) => void;
};

export type Suite = {
  readonly name: string;
  /** One line, for the help. */
  readonly what: string;
  run(bench: Bench): Promise<readonly Row[]>;
};

/**
 * Measures each subject once a round, so that whatever else the machine does hits all of them; every round begins with
 * another one, so that nobody always comes after the same. A round before the first one warms compilers and caches up
 * and is not counted.
 */
export async function interleaved<Subject>(
  { rounds, note }: Bench,
  what: string,
  subjects: ReadonlyMap<string, Subject>,
  measure: (subject: Subject, round: number) => Promise<number>,
): Promise<Record<string, number[]>> {
  const figures: Record<string, number[]> = Object.fromEntries([...subjects.keys()].map((name) => [name, []]));
  const entries = [...subjects];
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(0, round) % subjects.size;
    for (const [name, subject] of [...entries.slice(first), ...entries.slice(0, first)]) {
      const figure = await measure(subject, round);
      if (round >= 0) figures[name]?.push(figure);
    }
    if (round < 0) continue;
    const last = Object.entries(figures).map(([name, all]) => `${name} ${Math.round(all.at(-1) ?? 0)}`);
    note(`${what}, round ${round + 1} of ${rounds}: ${last.join(', ')}`);
  }
  return figures;
}
