/** The middle of the numbers; NaN of none. */
export const median = (numbers: readonly number[]): number => percentile(numbers, 50);

/** The number below which so many per cent of the numbers lie, by the nearest rank; NaN of none. */
export function percentile(numbers: readonly number[], percent: number): number {
  const sorted = Float64Array.from(numbers).sort();
  const rank = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, rank)] ?? NaN;
}

/** The median of the quotients of two series, round by round: what slows a whole round down cancels out. */
export const medianRatio = (of: readonly number[], to: readonly number[]): number =>
  median(of.flatMap((figure, round) => (to[round] === undefined ? [] : [figure / to[round]])));
