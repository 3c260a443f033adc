import { Router } from 'express';
import { CallSession } from '../auth/callSession.js';
import type { Sessions } from '../auth/sessions.js';

/** The token that state-changing requests of a session repeat; asking for it begins a session (conventions §3). */
export function csrfRoutes(sessions: Sessions): Router {
  const router = Router();
  router.get('/csrf_token', async (request, response) => {
    const present = await sessions.read(request.get('cookie'));
    const session = new CallSession({ sessions, present, needsFresh: false, freshMilliseconds: 0, now: Date.now });
    const token = session.csrf;
    response.set(await session.headers()).set('Cache-Control', 'no-cache, no-store, must-revalidate');
    response.json({ csrf_token: token });
  });
  return router;
}
