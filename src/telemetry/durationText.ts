import { BOUNDS, type Durations } from './durations.js';

/** Durations and the labels under which they are shown. */
export type LabelledDurations = {
  readonly labels: Readonly<Record<string, string>>;
  readonly durations: Durations;
};

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function samples(name: string, { labels, durations }: LabelledDurations): readonly string[] {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`);
  const own = pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  const bucket = [...pairs, 'le="'].join(',');
  return [
    ...durations.cumulative().map((count, index) => `${name}_bucket{${bucket}${BOUNDS[index] ?? ''}"} ${count}`),
    `${name}_bucket{${bucket}+Inf"} ${durations.count}`,
    `${name}_sum${own} ${durations.sum}`,
    `${name}_count${own} ${durations.count}`,
  ];
}

/**
 * A histogram in the text format of Prometheus. Written here, because the histogram of prom-client can be fed by
 * single observations only (half a microsecond each) and takes milliseconds to write those of some dozen routes.
 */
export const durationText = (name: string, help: string, all: readonly LabelledDurations[]): string =>
  [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`, ...all.flatMap((each) => samples(name, each)), ''].join('\n');
