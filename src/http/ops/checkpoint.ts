import { Router } from 'express';

/**
 * The last signed head of the log, in the form that `tidemark events verify --checkpoint` takes: worth something only
 * where the log is not, so whoever wants to hold us to it fetches it and keeps it.
 */
export function checkpointRoutes(last: () => Promise<string | undefined>): Router {
  const router = Router();
  router.get('/api/v1/events/checkpoint', async (_request, response) => {
    const text = await last();
    if (text === undefined) response.status(404).json({ message: 'the log has not been signed yet: try again later' });
    else response.set('Cache-Control', 'no-store').type('text/plain').send(text);
  });
  return router;
}
