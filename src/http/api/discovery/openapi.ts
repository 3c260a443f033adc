import { STATUS_CODES } from 'node:http';
import { impliedBy, scopeInfo, SCOPES } from '../../../domain/oauth/scopes.js';
import type { JsonObject } from '../../../domain/shared/json.js';
import type { Endpoint } from '../framework/endpoint.js';
import type { JsonSchema } from '../framework/kinds.js';
import type { ApiSettings } from '../settings.js';
import { pathParameters, refusalsOf, schemaOfParameter } from './operations.js';

/** OpenAPI 3.1 of every operation that is served: the schemas are those by which requests and answers are checked. */
export function openApiDocument(endpoints: readonly Endpoint[], settings: ApiSettings): JsonObject {
  const paths: { [path: string]: { [method: string]: JsonObject } } = {};
  for (const each of endpoints) {
    (paths[each.path] ??= {})[each.method.toLowerCase()] = operationOf(each);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Tidemark', version: 'v1', description: 'The management API of a Tidemark registry.' },
    servers: [{ url: settings.root }],
    tags: [...new Set(endpoints.map(({ module }) => module))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: { ApiError: API_ERROR },
      securitySchemes: {
        oauth2: {
          type: 'oauth2',
          flows: { implicit: { authorizationUrl: `${settings.root}/oauth/authorize`, scopes: scopeTexts() } },
        },
        bearer: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: '_csrf_token' },
      },
    },
  };
}

export const scopeTexts = (): JsonObject =>
  Object.fromEntries(SCOPES.map((scope) => [scope, scopeInfo(scope).description]));

/** All shapes of a refusal (contract: conventions §7): a member that is there has this type. */
export const API_ERROR = {
  type: 'object',
  properties: {
    status: { type: 'integer' },
    type: { type: 'string' },
    title: { type: 'string' },
    detail: { type: 'string' },
    error_type: { type: 'string' },
    error_message: { type: 'string' },
    error: { type: 'string' },
  },
} as const;

function operationOf(each: Endpoint): JsonObject {
  return {
    operationId: each.operation,
    summary: each.summary,
    tags: [each.module],
    parameters: [
      ...pathParameters(each.path).map((name) => ({
        ...{ name, in: 'path', required: true },
        schema: schemaOfParameter(name),
      })),
      ...Object.entries(each.query).map(([name, { schema, description }]) => ({
        ...{ name, in: 'query', required: false, description, schema },
      })),
    ],
    ...(each.body
      ? { requestBody: { required: each.bodyRequired, content: { 'application/json': { schema: each.body } } } }
      : {}),
    // Each alone is enough; a token needs the scope, or one that implies it.
    security: each.always ? [{}] : [{ oauth2: each.scope ? [each.scope] : [] }, { bearer: [] }, { session: [] }, {}],
    ...(each.scope ? { 'x-implied-scopes': [...impliedBy([each.scope])] } : {}),
    ...(each.fresh ? { 'x-requires-fresh-login': true } : {}),
    ...(each.internal ? { 'x-internal': true } : {}),
    responses: responsesOf(each),
  };
}

function responsesOf(each: Endpoint): JsonObject {
  const refused = refusalsOf(each).map(String);
  const responses = refused.map((status): [string, JsonObject] => [status, REFUSAL]);
  for (const [status, schema] of Object.entries(each.answers)) {
    responses.push([status, contentOf(schema, status, refused.includes(status))]);
  }
  return Object.fromEntries(
    responses.map(([status, content]) => [status, { description: STATUS_CODES[status] ?? status, ...content }]),
  );
}

/** An endpoint's own answer; of one status it may be that, or a refusal like all others. */
function contentOf(schema: JsonSchema | null, status: string, isRefusal: boolean): JsonObject {
  if (schema === null || status === '204') return {};
  if (!isRefusal) return { content: { 'application/json': { schema } } };
  return { content: { ...REFUSAL.content, 'application/json': { schema: { anyOf: [schema, ERROR] } } } };
}

const ERROR = { $ref: '#/components/schemas/ApiError' } as const;

/** Some refusals are JSON that is said to be text (conventions §7.2); a lock-out is text (§2). */
const REFUSAL = { content: { 'application/json': { schema: ERROR }, 'text/html': { schema: {} } } } as const;
