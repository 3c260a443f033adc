/** What is logged, made safe: secrets are masked by their name, errors keep what explains them. */

export const MASK = '[redacted]';
const DEEPEST = 5;

/** Names of headers and members that end so are secret in whatever case: `clientSecret`, `Set-Cookie`; not `tokenId`. */
const SECRET_NAME =
  /(?:authorization|cookie|passw(?:or)?d|passphrase|secret|token|credentials|psk|(?:api|private|master|signing|secret|access)[-_]?key)s?$/i;

const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** An error as members: its class, message, stack and code, what it says about itself, and what caused it. */
export function errorFields(error: Error, depth = 0): Record<string, unknown> {
  const fields: Record<string, unknown> = { type: error.name, message: error.message, stack: error.stack };
  if ('code' in error) fields['code'] = error.code;
  if ('details' in error) fields['details'] = cleanValue(error.details, depth + 1);
  if (depth >= DEEPEST) return fields;
  if (error.cause !== undefined) fields['cause'] = cleanValue(error.cause, depth + 1);
  if (error instanceof AggregateError) {
    fields['errors'] = error.errors.map((each: unknown) => cleanValue(each, depth + 1));
  }
  return fields;
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === 'bigint') return value.toString(); // JSON has none
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return errorFields(value, depth);
  if (depth > DEEPEST) return '[deeper]';
  if (Array.isArray(value)) return value.map((each: unknown) => cleanValue(each, depth + 1));
  // Dates, URLs and the like say themselves how they are written.
  return isPlain(value) ? cleaned(value, depth + 1) : value;
}

/** A copy of the members in which secrets are masked and errors are members, at every depth. */
export function cleaned(members: object, depth = 0): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(members)) {
    copy[name] = isSecretName(name) && value !== undefined && value !== null ? MASK : cleanValue(value, depth);
  }
  return copy;
}
