import { isJsonObject, type JsonObject } from '../../../domain/shared/json.js';
import { shown } from './shown.js';

export type JsonSchema = JsonObject;

/** What a member of a body may be: as JSON Schema for the document, and as a check with the contract's words. */
export type Kind = {
  readonly schema: JsonSchema;
  /** Why the value is refused (conventions §7.3, first line), or null. */
  readonly fault: (value: unknown) => string | null;
};

const not = (type: string) => (value: unknown) => `${shown(value)} is not of type '${type}'`;

export type TextRules = { readonly min?: number; readonly max?: number };

export const text = ({ min, max }: TextRules = {}): Kind => ({
  schema: {
    type: 'string',
    ...(min === undefined ? {} : { minLength: min }),
    ...(max === undefined ? {} : { maxLength: max }),
  },
  fault: (value) => {
    if (typeof value !== 'string') return not('string')(value);
    if (min !== undefined && value.length < min) return `${shown(value)} is too short`;
    return max !== undefined && value.length > max ? `${shown(value)} is too long` : null;
  },
});

export const flag = (): Kind => ({
  schema: { type: 'boolean' },
  fault: (value) => (typeof value === 'boolean' ? null : not('boolean')(value)),
});

/** @param whole a number without a fraction, as JSON Schema's `integer` (1.0 is one) */
const numeric = (type: 'integer' | 'number', { min, max }: NumberRules): Kind => ({
  schema: {
    type,
    ...(min === undefined ? {} : { minimum: min }),
    ...(max === undefined ? {} : { maximum: max }),
  },
  fault: (value) => {
    if (typeof value !== 'number' || (type === 'integer' && !Number.isInteger(value))) return not(type)(value);
    if (min !== undefined && value < min) return `${value} is less than the minimum of ${min}`;
    return max !== undefined && value > max ? `${value} is greater than the maximum of ${max}` : null;
  },
});

export type NumberRules = { readonly min?: number; readonly max?: number };

export const integer = (rules: NumberRules = {}): Kind => numeric('integer', rules);
export const decimal = (rules: NumberRules = {}): Kind => numeric('number', rules);

export const oneOf = (values: readonly string[]): Kind => ({
  schema: { type: 'string', enum: values },
  fault: (value) =>
    typeof value === 'string' && values.includes(value) ? null : `${shown(value)} is not one of ${shown(values)}`,
});

export const nullable = (kind: Kind): Kind => ({
  schema: { anyOf: [kind.schema, { type: 'null' }] },
  fault: (value) => (value === null ? null : kind.fault(value)),
});

/** Any object: what is in it is the caller's own. */
export const object = (): Kind => ({
  schema: { type: 'object', additionalProperties: true },
  fault: (value) => (isJsonObject(value) ? null : not('object')(value)),
});

export const listOf = (kind: Kind): Kind => ({
  schema: { type: 'array', items: kind.schema },
  fault: (value) => {
    if (!Array.isArray(value)) return not('array')(value);
    for (const item of value) {
      const fault = kind.fault(item);
      if (fault !== null) return fault;
    }
    return null;
  },
});
