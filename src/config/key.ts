import type { Json } from '../domain/shared/json.js';
import type { ValueType } from './types/valueType.js';

/** One key of the configuration. */
export type Key<Value> = {
  readonly type: ValueType<Value>;
  /** The value when the key is absent, as it would be written; undefined: there is none. */
  readonly fallback: Json | undefined;
  /** For the reference: what it does, with units. */
  readonly about: string;
  /** `accepted`: known and type-checked, but nothing reads it (yet). */
  readonly effect: 'used' | 'accepted';
};

export type Keys = Readonly<Record<string, Key<unknown>>>;

/** Keys that belong together in the reference. */
export type Section<Declared extends Keys = Keys> = { readonly title: string; readonly keys: Declared };

export const section = <Declared extends Keys>(title: string, keys: Declared): Section<Declared> => ({ title, keys });

/** Declares a key that changes what the registry does. */
export function used<Value>(type: ValueType<Value>, fallback: Json, about: string): Key<Value>;
export function used<Value>(type: ValueType<Value>, fallback: undefined, about: string): Key<Value | undefined>;
export function used<Value>(type: ValueType<Value>, fallback: Json | undefined, about: string): Key<Value | undefined> {
  return { type, fallback, about, effect: 'used' };
}

/** Declares a key that is known and checked, but has no effect in this version. */
export function accepted<Value>(type: ValueType<Value>, fallback: Json, about: string): Key<Value>;
export function accepted<Value>(type: ValueType<Value>, fallback: undefined, about: string): Key<Value | undefined>;
export function accepted<Value>(
  type: ValueType<Value>,
  fallback: Json | undefined,
  about: string,
): Key<Value | undefined> {
  return { type, fallback, about, effect: 'accepted' };
}
