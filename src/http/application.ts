import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Router } from 'express';
import { FAILED } from './api/framework/failures.js';
import { NotFound, PlainAbort } from './api/framework/problems.js';

export type ApplicationOptions = {
  /** Comes first: it reads bodies by its own rules. */
  readonly api: readonly Router[];
  readonly routes: readonly Router[];
  /** Scheme and host of the server. */
  readonly root: string;
  readonly log: Logger;
  /** Text of the metrics, in the format of Prometheus. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
};

const BODY_BYTES = 1024 * 1024;

/** Everything but the registry protocol. */
export function createApplication({ api, routes, root, log, metrics }: ApplicationOptions): Express {
  const application = express();
  application.disable('x-powered-by').disable('etag');
  for (const router of api) application.use(router);
  application.use(express.json({ limit: BODY_BYTES }));
  application.get('/metrics', async (_request, response) => {
    const { contentType, body } = await metrics();
    response.set('Content-Type', contentType).send(body);
  });
  for (const router of routes) application.use(router);
  application.use(notFound(root), failed(log));
  return application;
}

const notFound =
  (root: string): RequestHandler =>
  (request, response) => {
    if (request.path.startsWith('/api/')) {
      const { status, body } = new NotFound().answer(root);
      response.status(status).json(body);
      return;
    }
    response.status(404).type('text/plain').send('There is nothing here.\n');
  };

/** The last resort: what the client did wrong is told, what we did wrong is logged. */
const failed =
  (log: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    if (status >= 500) log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    response.status(status).json(status >= 500 ? FAILED.body : new PlainAbort(400).answer().body);
  };

/** The body parser marks what it refuses with a status of its own. */
function statusOf(error: unknown): number {
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') return error.status;
  return 500;
}
