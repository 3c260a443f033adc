import { parseDuration, type Duration } from '../../domain/shared/duration.js';
import { sameText, type ValueType } from './valueType.js';

const DURATION = 'a duration such as 30s, 10m (minutes), 12h, 1d, 2w or 1y';

export const duration: ValueType<Duration> = {
  name: 'duration',
  allowed: DURATION,
  secret: false,
  fromText: sameText,
  parse: (value, place) =>
    (typeof value === 'string' ? parseDuration(value) : undefined) ?? place.refuse(value, DURATION),
};

/** A number of bytes as it was written (`20G`) and as a number. */
export type Size = { readonly text: string; readonly bytes: number };

const UNITS = 'BKMGT';

/**
 * An amount of bytes: an integer and a unit, in powers of 1024.
 *
 * @param units which of `B K M G T` may be given
 */
export function size(units: string = UNITS, bounds: { readonly max?: string } = {}): ValueType<Size> {
  const pattern = new RegExp(`^(\\d{1,9})([${units}])$`);
  const read = (given: string): Size | undefined => {
    const [, digits, unit] = pattern.exec(given) ?? [];
    return unit === undefined ? undefined : { text: given, bytes: Number(digits) * 1024 ** UNITS.indexOf(unit) };
  };
  const max = bounds.max === undefined ? Number.MAX_SAFE_INTEGER : (read(bounds.max)?.bytes ?? 0);
  const example = units.includes('G') ? '20G' : `20${units.slice(0, 1)}`;
  const allowed =
    `a size such as ${example} (units ${Array.from(units).join(' ')})` +
    (bounds.max === undefined ? '' : ` up to ${bounds.max}`);
  return {
    name: 'size',
    allowed,
    secret: false,
    fromText: sameText,
    parse(value, place) {
      const parsed = typeof value === 'string' ? read(value) : undefined;
      return parsed !== undefined && parsed.bytes > 0 && parsed.bytes <= max ? parsed : place.refuse(value, allowed);
    },
  };
}
