import { isJsonObject, type Json, type JsonObject } from '../../src/domain/shared/json.js';

/** The object at a member. @throws Error if there is none */
export function at(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (!isJsonObject(value)) throw new Error(`${name} is no object`);
  return value;
}

/** A member that must be there. */
export function member<Value>(object: { readonly [name: string]: Value }, name: string): Value {
  const value = object[name];
  if (value === undefined) throw new Error(`there is no ${name}`);
  return value;
}

export const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

export const mapped = <From, To>(
  object: { readonly [name: string]: From },
  change: (value: From, name: string) => To,
): { readonly [name: string]: To } =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value, name)]));
