import { STATUS_CODES } from 'node:http';
import { isJsonObject, type Json, type JsonObject } from '../../../domain/shared/json.js';
import type { Endpoint } from '../framework/endpoint.js';
import type { ApiSettings } from '../settings.js';
import { API_ERROR, scopeTexts } from './openapi.js';
import { pathParameters, refusalsOf, schemaOfParameter } from './operations.js';

/** The discovery document, in the form in which Quay's tools read it (contract: superuser §10). */
export function swaggerDocument(endpoints: readonly Endpoint[], settings: ApiSettings, internal: boolean): JsonObject {
  const shown = endpoints.filter((each) => internal || !each.internal);
  const definitions: { [name: string]: JsonObject } = { ApiError: API_ERROR };
  const byPath = new Map(shown.map((each) => [each.path, each]));
  const paths: { [path: string]: { [member: string]: unknown } } = {};
  for (const each of shown) {
    const path = (paths[each.path] ??= {
      'x-name': fullNameOf(each),
      'x-path': each.path,
      'x-tag': each.module,
      parameters: pathParameters(each.path).map((name) => ({
        ...{ name, in: 'path', required: true },
        ...schemaOfParameter(name),
      })),
    });
    const likeIt = internal ? byPath.get(each.path.replace('/organization/{orgname}/', '/user/')) : undefined;
    if (likeIt && likeIt.path !== each.path) path['x-user-related'] = fullNameOf(likeIt);
    path[each.method.toLowerCase()] = operationOf(each, internal, definitions);
  }
  const { root, hostname, scheme, contact } = settings;
  return {
    swagger: '2.0',
    host: hostname,
    basePath: '/',
    schemes: [scheme],
    info: {
      version: 'v1',
      title: 'Quay Frontend',
      description:
        'This API allows you to perform many of the operations required to work with repositories, users, and organizations.',
      termsOfService: `${root}/tos`,
      contact: { email: contact },
    },
    securityDefinitions: {
      oauth2_implicit: {
        ...{ type: 'oauth2', flow: 'implicit', authorizationUrl: `${root}/oauth/authorize` },
        scopes: scopeTexts(),
      },
    },
    paths: paths as JsonObject,
    definitions,
    tags: [...new Set(shown.map(({ module }) => module))].sort().map((name) => ({ name, description: '' })),
  };
}

const fullNameOf = ({ module, path }: Endpoint): string => `endpoints.api.${module}.${nameOf(path)}`;

/** `/api/v1/organization/{orgname}/members` → `OrganizationMembers`: the part of `x-name` that nobody relies on. */
const nameOf = (path: string): string =>
  path
    .split('/')
    .slice(3)
    .filter((segment) => !segment.startsWith('{'))
    .map((segment) => segment.slice(0, 1).toUpperCase() + segment.slice(1))
    .join('')
    .replace(/\W/g, '');

function operationOf(each: Endpoint, internal: boolean, definitions: { [name: string]: JsonObject }): JsonObject {
  const parameters: JsonObject[] = Object.entries(each.query).map(([name, { schema, description }]) => ({
    ...{ name, in: 'query', required: false, description },
    ...lowered(schema),
  }));
  if (each.body) {
    const name = `${each.operation.slice(0, 1).toUpperCase()}${each.operation.slice(1)}Body`;
    definitions[name] = lowered(each.body);
    const schema = { $ref: `#/definitions/${name}` };
    parameters.push({
      name: 'body',
      in: 'body',
      required: each.bodyRequired,
      description: 'Request body contents.',
      schema,
    });
  }
  const answers = Object.entries(each.answers).map(([status, schema]): [string, JsonObject] => [
    status,
    { description: STATUS_CODES[status] ?? status, ...(schema === null ? {} : { schema: lowered(schema) }) },
  ]);
  const refusals = refusalsOf(each).map((status): [string, JsonObject] => [
    String(status),
    { description: STATUS_CODES[status] ?? String(status), schema: { $ref: '#/definitions/ApiError' } },
  ]);
  return {
    operationId: each.operation,
    parameters,
    description: each.summary,
    tags: [each.module],
    ...(each.internal ? { 'x-internal': true } : {}),
    ...(internal && each.fresh ? { 'x-requires-fresh-login': true } : {}),
    ...(each.scope ? { security: [{ oauth2_implicit: [each.scope] }] } : {}),
    responses: Object.fromEntries([...refusals, ...answers]),
  };
}

/** JSON Schema as Swagger 2.0 can say it: it has neither `null` nor alternatives nor constants. */
function lowered(schema: unknown): JsonObject {
  if (!isJsonObject(schema)) return {};
  const { anyOf, const: constant, patternProperties, ...rest } = schema;
  if (constant !== undefined) return { ...typeOf(constant), enum: [constant] };
  if (Array.isArray(anyOf)) return loweredChoice(anyOf);
  const members = rest['properties'];
  return {
    ...rest,
    ...(isJsonObject(members)
      ? { properties: Object.fromEntries(Object.entries(members).map(([name, each]) => [name, lowered(each)])) }
      : {}),
    ...(isJsonObject(rest['items']) ? { items: lowered(rest['items']) } : {}),
    ...(isJsonObject(patternProperties) ? { additionalProperties: lowered(Object.values(patternProperties)[0]) } : {}),
  };
}

function loweredChoice(choices: readonly Json[]): JsonObject {
  const others = choices.filter((each) => !(isJsonObject(each) && each['type'] === 'null'));
  const nullable = others.length < choices.length ? { 'x-nullable': true } : {};
  const constants = others.flatMap((each) =>
    isJsonObject(each) && each['const'] !== undefined ? [each['const']] : [],
  );
  if (constants.length === others.length) return { ...typeOf(constants[0]), enum: constants, ...nullable };
  const [only] = others;
  return others.length === 1 ? { ...lowered(only), ...nullable } : nullable;
}

const typeOf = (value: unknown): JsonObject =>
  ['string', 'number', 'boolean'].includes(typeof value) ? { type: typeof value } : {};
