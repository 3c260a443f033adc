const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** Sentences of the distribution spec that speak to registries, by their number in our checklist. */
export const REGISTRY_REQUIREMENTS: readonly string[] = [
  ...[...range(1, 6), 8, 10, 12, 13, ...range(16, 19), ...range(21, 34), ...range(36, 38), 40, 42, 45],
  ...[...range(50, 53), 56, 57, ...range(60, 64), 66, ...range(68, 70), 72, 73, 76, ...range(81, 93)],
  ...[...range(101, 125), ...range(130, 138), ...range(140, 144), 147, 148, ...range(150, 156), 160, 161],
  ...[171, 172, 173, 175, 178, 179, 180, 181, 182, 183, 184],
  ...range(201, 230),
].map((number) => `DS-${String(number).padStart(3, '0')}`);

/** What this registry cannot show, because it chose the other way that the spec leaves open. */
export const NOT_SHOWN: Readonly<Record<string, string>> = {
  'DS-040': 'for registries without the single POST, which this one has',
  'DS-184': 'for lists of extensions, of which there are none',
};
