import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/domain/shared/json.js';
import { isList, mapped } from './json.js';

/** What is wrong with a value, by a complete schema: places and faults; none: it is valid. */
export const faultsIn = (value: unknown, schema: JsonObject): readonly string[] => faultsBy(schema)(value);

/** The same, of many values. */
export function faultsBy(schema: JsonObject): (value: unknown) => readonly string[] {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => {
    validate(value);
    return (validate.errors ?? []).map(
      ({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

/** The schema that takes no member which it does not name: what is served is open for those that come later. */
export function closed(schema: JsonObject): JsonObject {
  const inside = mapped(schema, closedValue);
  return 'properties' in schema && !('additionalProperties' in schema)
    ? { ...inside, additionalProperties: false }
    : inside;
}

const closedValue = (value: Json | undefined): Json | undefined => {
  if (isList(value)) return value.map((each) => (isJsonObject(each) ? closed(each) : each));
  return isJsonObject(value) ? closed(value) : value;
};
