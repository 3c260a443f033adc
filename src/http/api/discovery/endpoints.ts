import Type from 'typebox';
import { answer, endpoint, type Endpoint } from '../framework/endpoint.js';
import { flagParameter } from '../framework/query.js';
import { always } from '../framework/rules.js';
import type { ApiSettings } from '../settings.js';
import { openApiDocument } from './openapi.js';
import { swaggerDocument } from './swagger.js';

const Document = Type.Object({}, { additionalProperties: true });

/** The API described for tools: as Quay's do (Swagger 2.0), and as tools of today do (OpenAPI 3.1). */
export const discoveryEndpoints = (settings: ApiSettings, all: readonly Endpoint[]): readonly Endpoint[] => [
  endpoint({
    operation: 'discovery',
    method: 'GET',
    path: '/api/v1/discovery',
    module: 'discovery',
    summary: 'List all of the API endpoints available in the swagger API format.',
    access: always,
    query: { internal: flagParameter('Whether to include internal APIs.') },
    answers: { 200: Document },
    handle: ({ query }) => Promise.resolve(answer(200, swaggerDocument(all, settings, query.internal))),
  }),
  endpoint({
    operation: 'openapi',
    method: 'GET',
    path: '/api/v1/openapi.json',
    module: 'discovery',
    summary: 'Describe all endpoints, internal ones included, in OpenAPI 3.1.',
    access: always,
    internal: true,
    answers: { 200: Document },
    handle: () => Promise.resolve(answer(200, openApiDocument(all, settings))),
  }),
];
