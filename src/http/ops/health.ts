import { createHmac } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import type { JsonObject } from '../../domain/shared/json.js';
import { sameSecret } from '../auth/sameSecret.js';

/** One part that the registry needs; resolves to whether it works. */
export type Check = () => boolean | Promise<boolean>;

type Services = { readonly [service: string]: Check };

export type HealthChecks = {
  /** What this process needs to serve (contract: superuser §13). */
  readonly instance: Services;
  /** What a push and a pull need from end to end. */
  readonly endToEnd: Services;
  readonly warning: Services;
  /** Whether this process takes requests: not before the read models have caught up, not while it drains. */
  readonly ready: () => boolean;
};

export type HealthOptions = {
  readonly checks: HealthChecks;
  /** Whether who asks is shown more than that something works. */
  readonly isTrusted: (request: Request) => Promise<boolean>;
  /** What is shown beside the services then. */
  readonly about: JsonObject;
  /** ENABLE_HEALTH_DEBUG_SECRET: who knows it is trusted; absent: nobody is for that. */
  readonly debugSecret: string | undefined;
  readonly secureCookies: boolean;
};

const NO_CACHE = 'no-cache, no-store, must-revalidate';
const DEBUG_COOKIE = 'tidemark_health';

/** Health in Quay's form, and readiness for a balancer. */
export function healthRoutes(options: HealthOptions): Router {
  const { checks, debugSecret, secureCookies } = options;
  const router = Router();
  const serve = (path: string[], services: Services): void => {
    router.get(path, async (request, response) => {
      await answer(options, services, request, response);
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
  router.get('/health/enabledebug/:secret', (request, response, next) => {
    if (debugSecret === undefined || !sameSecret(request.params.secret, debugSecret)) {
      next();
      return;
    }
    const value = proofOf(debugSecret);
    response.cookie(DEBUG_COOKIE, value, { httpOnly: true, sameSite: 'lax', secure: secureCookies });
    response.set('Cache-Control', NO_CACHE).type('text/plain').send('Health session is now in debug mode.\n');
  });
  router.get('/_internal_ping', (_request, response) => {
    response.type('text/plain').send('true');
  });
  return router;
}

/** What a browser keeps of the secret: enough to be known by it, and not the secret. */
const proofOf = (secret: string): string => createHmac('sha256', secret).update('health').digest('base64url');

type Result = { readonly status: boolean; readonly failure?: string };

async function answer(options: HealthOptions, services: Services, request: Request, response: Response): Promise<void> {
  const results: [string, Result][] = [];
  for (const [name, check] of Object.entries(services)) results.push([name, await resultOf(check)]);
  const status = results.every(([, result]) => result.status) ? 200 : 503;
  const brief = { services: Object.fromEntries(results.map(([name, result]) => [name, result.status])) };
  const isTrusted = isDebugging(options, request) || (await trusted(options, request));
  const data = isTrusted ? { ...brief, services_expanded: Object.fromEntries(results), ...options.about } : brief;
  response.status(status).set('Cache-Control', NO_CACHE).json({ data, status_code: status });
}

/** Who asks is looked up in the very stores whose health is asked for: without them, nobody is known. */
async function trusted({ isTrusted }: HealthOptions, request: Request): Promise<boolean> {
  try {
    return await isTrusted(request);
  } catch {
    return false;
  }
}

function isDebugging({ debugSecret }: HealthOptions, request: Request): boolean {
  if (debugSecret === undefined) return false;
  const [, shown = ''] = new RegExp(`(?:^|; )${DEBUG_COOKIE}=([^;]*)`).exec(request.get('cookie') ?? '') ?? [];
  return sameSecret(shown, proofOf(debugSecret));
}

/** A check that fails in whatever way says the same: the part does not work. */
async function resultOf(check: Check): Promise<Result> {
  try {
    return (await check()) ? { status: true } : { status: false, failure: 'it does not work as it should' };
  } catch (error) {
    return { status: false, failure: error instanceof Error ? error.message : String(error) };
  }
}
