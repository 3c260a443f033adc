import { Router } from 'express';
import type { JsonObject } from '../../domain/shared/json.js';
import { allowedOrigin, corsHeaders } from '../api/framework/cors.js';
import { NO_CACHE } from './headers.js';

/** What a web UI must know of the server before anybody signs in (contract: superuser §12). */
export function configRoutes(config: JsonObject, origins: readonly string[]): Router {
  const router = Router();
  router
    .route('/config')
    .all((request, response, next) => {
      // Cookies cross origins only to one that is named; to others, this is no API (conventions §1).
      const origin = allowedOrigin(origins, request.get('origin'));
      if (origin !== '*') response.set(corsHeaders(origin));
      response.set('Cache-Control', NO_CACHE);
      next();
    })
    .get((_request, response) => {
      response.json(config);
    })
    .options((_request, response) => {
      response.set('Allow', 'OPTIONS, HEAD, GET').status(200).end();
    });
  return router;
}
