import type { JsonSchema } from './kinds.js';
import { BadParameter } from './problems.js';

/** A query parameter: how it is described, and how its text is read. */
export type Parameter<Value> = {
  readonly schema: JsonSchema;
  readonly description: string;
  readonly read: (text: string | null, name: string) => Value;
};

export type Parameters = { readonly [name: string]: Parameter<unknown> };

export type QueryOf<Declared extends Parameters> = {
  readonly [name in keyof Declared]: Declared[name] extends Parameter<infer Value> ? Value : never;
};

const FALSE: ReadonlySet<string> = new Set(['', 'false', 'False', 'FALSE', '0', 'null']);

/** Everything but a few spellings of "no" counts as true (conventions §1). */
export const flagParameter = (description: string, absent = false): Parameter<boolean> => ({
  schema: { type: 'boolean', default: absent },
  description,
  read: (text) => (text === null ? absent : !FALSE.has(text)),
});

/** A switch that says something else when it is not there at all. */
export const triStateParameter = (description: string): Parameter<boolean | null> => ({
  schema: { type: 'boolean' },
  description,
  read: (text) => (text === null ? null : !FALSE.has(text)),
});

/** @throws BadParameter with its own description (conventions §1) */
export function integerParameter(description: string): Parameter<number | undefined>;
export function integerParameter(description: string, absent: number): Parameter<number>;
export function integerParameter(description: string, absent?: number): Parameter<number | undefined> {
  return {
    schema: { type: 'integer', ...(absent === undefined ? {} : { default: absent }) },
    description,
    read: (text, name) => {
      if (text === null) return absent;
      const value = /^[+-]?[0-9]{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
      if (Number.isNaN(value)) throw new BadParameter(name, description);
      return value;
    },
  };
}

export const textParameter = (description: string): Parameter<string | undefined> => ({
  schema: { type: 'string' },
  description,
  read: (text) => text ?? undefined,
});

/** Declared parameters as their values. Of one that comes more than once the first counts. */
export function readQuery<Declared extends Parameters>(declared: Declared, query: URLSearchParams): QueryOf<Declared> {
  const entries = Object.entries(declared).map(([name, { read }]) => [name, read(query.get(name), name)]);
  // The entries are those of `Declared`, each read by its own parameter.
  return Object.fromEntries(entries) as QueryOf<Declared>;
}
