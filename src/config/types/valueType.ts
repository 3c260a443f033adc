import type { Place, Refused } from './place.js';

/** How the value of a key is read, and how it is described to whoever gives it. */
export type ValueType<Value> = {
  /** For the reference: `integer`, `list of text`. */
  readonly name: string;
  /** What a value may be, in words that end the sentence "it takes …". */
  readonly allowed: string;
  /** Never shown, in messages or in a dump of the configuration. */
  readonly secret: boolean;
  /** `null` is a value ("never", "no limit"); elsewhere it means that the key is absent. */
  readonly takesNull?: true;
  /** The value that the text of an environment variable means; undefined if it means none. */
  readonly fromText: (text: string) => unknown;
  readonly parse: (value: unknown, place: Place) => Value | Refused;
};

/** What `type` gives. */
export type ValueIn<Type> = Type extends ValueType<infer Value> ? Value : never;

/** Environment text of everything that is not a scalar. */
export function fromJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

export const sameText = (text: string): string => text;
