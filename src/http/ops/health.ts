import { Router, type Response } from 'express';

/** One part that the registry needs; resolves to whether it works. */
export type Check = () => boolean | Promise<boolean>;

export type HealthChecks = {
  /** What this process needs to serve (contract: superuser §13). */
  readonly instance: { readonly [service: string]: Check };
  /** What a push and a pull need from end to end. */
  readonly endToEnd: { readonly [service: string]: Check };
  readonly warning: { readonly [service: string]: Check };
  /** Whether this process takes requests: not before the read models have caught up, not while it drains. */
  readonly ready: () => boolean;
};

const NO_CACHE = 'no-cache, no-store, must-revalidate';

/** Health in Quay's form, and readiness for a balancer. */
export function healthRoutes(checks: HealthChecks): Router {
  const router = Router();
  const serve = (path: string[], services: { readonly [service: string]: Check }): void => {
    router.get(path, async (_request, response) => {
      await answer(response, services);
    });
  };
  serve(['/health', '/health/instance'], checks.instance);
  serve(['/health/endtoend', '/status'], checks.endToEnd);
  serve(['/health/warning'], checks.warning);
  router.get('/health/ready', (_request, response) => {
    const ready = checks.ready();
    response
      .status(ready ? 200 : 503)
      .set('Cache-Control', NO_CACHE)
      .json({ ready });
  });
  router.get('/_internal_ping', (_request, response) => {
    response.type('text/plain').send('true');
  });
  return router;
}

async function answer(response: Response, services: { readonly [service: string]: Check }): Promise<void> {
  const results: [string, boolean][] = [];
  for (const [name, check] of Object.entries(services)) results.push([name, await passes(check)]);
  const status = results.every(([, healthy]) => healthy) ? 200 : 503;
  response
    .status(status)
    .set('Cache-Control', NO_CACHE)
    .json({ data: { services: Object.fromEntries(results) }, status_code: status });
}

/** A check that fails in whatever way says the same: the part does not work. */
async function passes(check: Check): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
