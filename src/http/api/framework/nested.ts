import { isJsonObject } from '../../../domain/shared/json.js';
import type { JsonSchema, Kind } from './kinds.js';
import { shown } from './shown.js';

/** An object inside a body: `{ name: required(text()) }` as data, since it has no class of its own. */
export function nested(
  members: { readonly [name: string]: Kind },
  optionalMembers: { readonly [name: string]: Kind } = {},
): Kind {
  const all = { ...members, ...optionalMembers };
  const properties: { readonly [name: string]: JsonSchema } = Object.fromEntries(
    Object.entries(all).map(([name, kind]) => [name, kind.schema]),
  );
  return {
    schema: { type: 'object', properties, required: Object.keys(members) },
    fault: (value) => {
      if (!isJsonObject(value)) return `${shown(value)} is not of type 'object'`;
      for (const name of Object.keys(members)) {
        if (value[name] === undefined) return `'${name}' is a required property`;
      }
      for (const [name, kind] of Object.entries(all)) {
        const fault = value[name] === undefined ? null : kind.fault(value[name]);
        if (fault !== null) return fault;
      }
      return null;
    },
  };
}
