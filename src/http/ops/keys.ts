import { Router } from 'express';
import type { Tokens } from '../auth/tokens.js';

const CACHE = 'max-age=3600';

/** The public halves of the keys that sign tokens: as a key set, and where Quay has them (contract: superuser §4). */
export function keyRoutes(tokens: Tokens): Router {
  const router = Router();
  router.get('/.well-known/jwks.json', (_request, response) => {
    response.set('Cache-Control', CACHE).json({ keys: [tokens.publicKey] });
  });
  router.get('/keys/services/:service/keys', (request, response) => {
    response.json({ keys: request.params.service === 'quay' ? [tokens.publicKey] : [] });
  });
  router.get('/keys/services/:service/keys/:kid', (request, response) => {
    if (request.params.kid !== tokens.publicKey.kid) {
      response.status(404).json({ message: 'there is no such key' });
      return;
    }
    response.set('Cache-Control', CACHE).json(tokens.publicKey);
  });
  return router;
}
