import type { Endpoint } from '../framework/endpoint.js';
import type { JsonSchema } from '../framework/kinds.js';

/** What the router and the guards may answer for any operation, and what the endpoint adds. */
export function refusalsOf({ body, method, refused }: Endpoint): readonly number[] {
  const ofBody = body ? [413, 415] : [];
  // Writes are refused while the registry is read-only or its stores are away.
  const ofWrite = method === 'GET' ? [] : [503];
  return [...new Set([400, 401, 403, 404, ...ofBody, ...ofWrite, ...refused])].sort((one, other) => one - other);
}

export const pathParameters = (path: string): readonly string[] =>
  [...path.matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name);

/** Shapes that the router itself insists on. */
export const schemaOfParameter = (name: string): JsonSchema => {
  if (name === 'repository') return { type: 'string', pattern: '^[^/]+/.+$' };
  if (name === 'manifestref') return { type: 'string', pattern: '^[A-Za-z0-9_+.-]+:[A-Fa-f0-9]+$' };
  return { type: 'string' };
};
