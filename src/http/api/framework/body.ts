import 'reflect-metadata';
import { validate, ValidateBy } from 'class-validator';
import { isJsonObject } from '../../../domain/shared/json.js';
import type { JsonSchema, Kind } from './kinds.js';
import { InvalidRequest } from './problems.js';

/** The class of a body: members declared with `required` and `optional`. */
export type BodyClass<Body extends object> = new () => Body;

type Member = { readonly kind: Kind; readonly required: boolean };

const members = new Map<object, Map<string, Member>>();

/** A member that must be there. One line gives its rule (class-validator) and its place in the document. */
export const required = (kind: Kind): PropertyDecorator => member({ kind, required: true });

/** A member that may be left out; `null` only where the kind is `nullable`. */
export const optional = (kind: Kind): PropertyDecorator => member({ kind, required: false });

const faultOf = ({ kind, required: needed }: Member, name: string, value: unknown): string | null => {
  if (value === undefined) return needed ? `'${name}' is a required property` : null;
  return kind.fault(value);
};

function member(rule: Member): PropertyDecorator {
  return (prototype, property) => {
    const name = String(property);
    const declared = members.get(prototype.constructor) ?? new Map<string, Member>();
    members.set(prototype.constructor, declared.set(name, rule));
    ValidateBy({
      name: 'contract',
      validator: {
        validate: (value) => faultOf(rule, name, value) === null,
        defaultMessage: (error) => faultOf(rule, name, error?.value) ?? '',
      },
    })(prototype, property);
  };
}

/** What the document says of a body. Unknown members are taken and dropped. */
export function schemaOf(body: BodyClass<object>): JsonSchema {
  const declared = [...(members.get(body) ?? [])];
  const needed = declared.filter(([, { required: isNeeded }]) => isNeeded).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(declared.map(([name, { kind }]) => [name, kind.schema])),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}

/**
 * Turns JSON into its class and checks it. Unknown members are dropped.
 *
 * @throws InvalidRequest with the first thing that is wrong, in the contract's words
 */
export async function validated<Body extends object>(Kind: BodyClass<Body>, json: unknown): Promise<Body> {
  if (json === null || json === undefined) throw new InvalidRequest('Missing JSON body');
  if (!isJsonObject(json)) throw new InvalidRequest('the body is not a JSON object');
  const body = new Kind();
  for (const name of members.get(Kind)?.keys() ?? []) {
    if (Object.hasOwn(json, name)) Object.assign(body, { [name]: json[name] });
  }
  const [first] = await validate(body, { stopAtFirstError: true, forbidUnknownValues: false });
  if (first) throw new InvalidRequest(Object.values(first.constraints ?? {})[0] ?? `'${first.property}' is not valid`);
  return body;
}
