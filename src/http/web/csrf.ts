import { Router } from 'express';
import { allowedOrigin, corsHeaders } from '../api/framework/cors.js';
import { CallSession } from '../auth/callSession.js';
import type { Sessions } from '../auth/sessions.js';
import { NO_CACHE } from './headers.js';

/** The token that state-changing requests of a session repeat; asking for it begins a session (conventions §3). */
export function csrfRoutes(sessions: Sessions, origins: readonly string[]): Router {
  const router = Router();
  router.get('/csrf_token', async (request, response) => {
    const present = await sessions.read(request.get('cookie'));
    const session = CallSession.of(sessions, present);
    const token = session.csrf;
    const origin = allowedOrigin(origins, request.get('origin'));
    // Only a page of an origin that is named may read it (conventions §1).
    if (origin !== '*') response.set(corsHeaders(origin));
    response.set(await session.headers()).set('Cache-Control', NO_CACHE);
    response.json({ csrf_token: token });
  });
  return router;
}
