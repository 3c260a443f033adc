import 'reflect-metadata';
import { validate, type ValidationError } from 'class-validator';
import { InvalidRequest } from './problems.js';

/**
 * Turns a body into its class and checks it. Unknown members are dropped.
 *
 * @throws InvalidRequest with the first thing that is wrong
 */
export async function validated<Body extends object>(Kind: new () => Body, body: unknown): Promise<Body> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new InvalidRequest('Missing JSON body');
  const instance = Object.assign(new Kind(), body);
  const [first] = await validate(instance, { whitelist: true, stopAtFirstError: true });
  if (first) throw new InvalidRequest(describe(first));
  return instance;
}

const describe = ({ property, constraints }: ValidationError): string =>
  Object.values(constraints ?? {})[0] ?? `'${property}' is not valid`;
