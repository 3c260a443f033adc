import type { Json } from '../../domain/shared/json.js';
import { isRead } from './place.js';
import { fromJson, sameText, type ValueType } from './valueType.js';

/**
 * A switch. Given as text in the file, `true` in any case is on and everything else off, as in Quay, with a warning
 * where the text is not `false` either. Environment variables are text always, so there only the two are taken.
 */
export const flag: ValueType<boolean> = {
  name: 'boolean',
  allowed: 'true or false',
  secret: false,
  fromText: (text) => (/^(?:true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined),
  parse(value, place) {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return place.refuse(value, this.allowed);
    const lower = value.trim().toLowerCase();
    if (lower !== 'true' && lower !== 'false') place.warn('text other than "true" means off');
    return lower === 'true';
  },
};

type Bounds = { readonly min?: number; readonly max?: number };

function range({ min, max }: Bounds): string {
  if (min === undefined) return max === undefined ? '' : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

const within = (value: number, { min, max }: Bounds): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max);

/** Digits in quotes count as an integer, because user documents write some integers so. */
export function integer(bounds: Bounds = {}): ValueType<number> {
  const allowed = `an integer${range(bounds)}`;
  return {
    name: 'integer',
    allowed,
    secret: false,
    fromText: sameText,
    parse(value, place) {
      const number = typeof value === 'string' && /^-?\d+$/.test(value.trim()) ? Number(value) : value;
      if (typeof number !== 'number' || !Number.isSafeInteger(number)) return place.refuse(value, allowed);
      return within(number, bounds) ? number : place.refuse(value, allowed);
    },
  };
}

/** Not negative: what counts, waits or limits. */
export const count = integer({ min: 0 });
export const positive = integer({ min: 1 });
export const port = integer({ min: 0, max: 65_535 });

export function number(bounds: Bounds = {}): ValueType<number> {
  const allowed = `a number${range(bounds)}`;
  return {
    name: 'number',
    allowed,
    secret: false,
    fromText: sameText,
    parse(value, place) {
      const parsed = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
      if (typeof parsed !== 'number' || !Number.isFinite(parsed)) return place.refuse(value, allowed);
      return within(parsed, bounds) ? parsed : place.refuse(value, allowed);
    },
  };
}

/** Text that satisfies `test`; described by `allowed`, and by `unquoted` to whoever gave a number that would do as text. */
export const textWhere = (
  allowed: string,
  test: (text: string) => boolean,
  unquoted = `${allowed}; a number in quotes`,
): ValueType<string> => ({
  name: 'text',
  allowed,
  secret: false,
  fromText: sameText,
  parse(value, place) {
    if (typeof value === 'string' && test(value)) return value;
    return place.refuse(value, typeof value === 'number' && test(String(value)) ? unquoted : allowed);
  },
});

const TEXT = 'text (numbers and dates in quotes)';
export const text = textWhere(TEXT, () => true, TEXT);

/** One of a few words, exactly as written. */
export function choice<const Word extends string>(...words: readonly Word[]): ValueType<Word> {
  const allowed = words.length === 1 ? `only ${words.join()}` : `one of ${words.join(', ')}`;
  return {
    name: words.map((word) => `\`${word}\``).join(' '),
    allowed,
    secret: false,
    fromText: sameText,
    parse: (value, place) => words.find((word) => word === value) ?? place.refuse(value, allowed),
  };
}

/** The same type, whose values are masked wherever they would be shown. */
export const secret = <Value>(type: ValueType<Value>): ValueType<Value> => ({
  ...type,
  secret: true,
  parse: (value, place) => type.parse(value, place.masked()),
});

/** The same type, for which `null` says "none" or "never" instead of "as if it were absent". */
export const nullable = <Value>(type: ValueType<Value>): ValueType<Value | null> => ({
  name: `${type.name} or null`,
  allowed: `${type.allowed}, or null`,
  secret: type.secret,
  takesNull: true,
  fromText: (given) => (given === 'null' ? null : type.fromText(given)),
  parse: (value, place) => (value === null ? null : type.parse(value, place)),
});

/** The first type that fits. */
export const either = <One, Other>(one: ValueType<One>, other: ValueType<Other>): ValueType<One | Other> => ({
  name: `${one.name}, or ${other.name}`,
  allowed: `${one.allowed}, or ${other.allowed}`,
  secret: one.secret || other.secret,
  fromText: (given) => one.fromText(given) ?? other.fromText(given),
  parse(value, place) {
    if (isRead(one.parse(value, place.muted()))) return one.parse(value, place);
    if (isRead(other.parse(value, place.muted()))) return other.parse(value, place);
    return place.refuse(value, this.allowed);
  },
});

/** Taken as it is: for keys that have no effect and whose shape Quay does not fix either. */
export const anything: ValueType<Json> = {
  name: 'any',
  allowed: 'anything',
  secret: false,
  fromText: (given) => fromJson(given) ?? given,
  parse: (value, place) => (isJson(value) ? value : place.refuse(value, 'plain values, lists and mappings')),
};

function isJson(value: unknown): value is Json {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return true;
  if (typeof value !== 'object' || value instanceof Date) return false;
  return Object.values(value).every(isJson);
}
