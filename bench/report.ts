import { median, medianRatio, percentile } from './statistics.js';

/** One measurement: a figure a round for each subject. */
export type Figures = { readonly [subject: string]: readonly number[] };

export type Bar = {
  /** What was asked for, in words: `≥ 10 × distribution 2.8`. */
  readonly text: string;
  /** What was measured, in the same terms. */
  readonly measured: string;
  readonly met: boolean;
};

export type Row = {
  readonly suite: string;
  readonly measure: string;
  readonly unit: string;
  readonly figures: Figures;
  readonly bars: readonly Bar[];
  /** What helps to read the figures: how busy the load generator was, and the like. */
  readonly notes?: string;
};

/** The subject that every bar is about. */
export const OURS = 'tidemark';

export const twoDigits = (value: number): string => value.toFixed(value < 10 ? 2 : 1);

/** A bar that compares us with another subject of the same rounds, as a quotient. */
export function times(figures: Figures, least: number, other: string, text = `≥ ${least} × ${other}`): Bar {
  const measured = medianRatio(figures[OURS] ?? [], figures[other] ?? []);
  return { text, measured: `${twoDigits(measured)} ×`, met: measured >= least };
}

/** A bar that is a number: at least, or at most, so much of the row's unit. */
export function limit(kind: 'least' | 'most', bound: number, measured: number, unit: string): Bar {
  const sign = kind === 'least' ? '≥' : '≤';
  const met = kind === 'least' ? measured >= bound : measured <= bound;
  return { text: `${sign} ${plain(bound)} ${unit}`, measured: `${plain(measured)} ${unit}`, met };
}

const plain = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));

/** `median (lowest–highest)` of the rounds. */
const spread = (figures: readonly number[]): string =>
  figures.length < 2
    ? plain(median(figures))
    : `${plain(median(figures))} (${plain(percentile(figures, 0))}–${plain(percentile(figures, 100))})`;

/** The rows for people: one block a measurement, one line a subject, one line a bar. */
export function reportText(rows: readonly Row[]): string {
  return rows
    .map(({ suite, measure, unit, figures, bars, notes }) => {
      const width = Math.max(...Object.keys(figures).map((subject) => subject.length));
      return [
        `${suite}: ${measure} [${unit}]`,
        ...Object.entries(figures).map(([subject, rounds]) => `  ${subject.padEnd(width)}  ${spread(rounds)}`),
        ...bars.map(({ text, measured, met }) => `  ${met ? 'met   ' : 'MISSED'}  ${text}: ${measured}`),
        ...(notes === undefined ? [] : [`  (${notes})`]),
        '',
      ].join('\n');
    })
    .join('\n');
}
