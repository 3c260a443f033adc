/** A length of time as it was written (`2w`; clients and the web UI are shown this text) and in seconds. */
export type Duration = { readonly text: string; readonly seconds: number };

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800, y: 365 * 86_400 } as const;
type TimeUnit = keyof typeof SECONDS;
const isTimeUnit = (unit: string | undefined): unit is TimeUnit => unit !== undefined && unit in SECONDS;

/**
 * `<int><s|m|h|d|w|y>` (contract: conventions §9).
 *
 * @returns undefined if the text is no duration
 */
export function parseDuration(given: string): Duration | undefined {
  const [, digits, unit] = /^(\d{1,9})([smhdwy])$/.exec(given) ?? [];
  return isTimeUnit(unit) ? { text: given, seconds: Number(digits) * SECONDS[unit] } : undefined;
}
