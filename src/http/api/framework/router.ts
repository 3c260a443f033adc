import { raw, Router, type Request, type Response } from 'express';
import type { Logger } from 'pino';
import type { CommandContext } from '../../../commands/context.js';
import type { Subject } from '../../../domain/access.js';
import type { Timestamp } from '../../../domain/shared/time.js';
import type { Ids } from '../../../ports/clock.js';
import type { Authenticated, Authentication } from '../../auth/authentication.js';
import { CallSession } from '../../auth/callSession.js';
import { isToken, type Sessions } from '../../auth/sessions.js';
import type { ClientAddress } from '../../clientAddress.js';
import { allowedOrigin, corsHeaders } from './cors.js';
import type { Endpoint, Method } from './endpoint.js';
import { apiAnswer, FAILED } from './failures.js';
import { Message, NotFound, PlainAbort, Refused, type ApiAnswer } from './problems.js';
import { Routes, type Matched } from './routes.js';
import { isBareBrowser } from './xhrGuard.js';

export type ApiRouterOptions = {
  readonly endpoints: readonly Endpoint[];
  readonly authentication: Authentication;
  readonly sessions: Sessions;
  /** FRESH_LOGIN_TIMEOUT */
  readonly freshMilliseconds: number;
  readonly now: () => Timestamp;
  readonly ids: Ids;
  readonly addressOf: ClientAddress;
  /** Scheme and host of the server, without a slash at the end. */
  readonly root: string;
  /** CORS_ORIGIN */
  readonly origins: readonly string[];
  /** BROWSER_API_CALLS_XHR_ONLY */
  readonly xhrOnly: boolean;
  /** FEATURE_ANONYMOUS_ACCESS */
  readonly anonymousAccess: boolean;
  /** REGISTRY_STATE: readonly */
  readonly readOnly: boolean;
  /** Where the read models are, and a wait until they have passed a position (design section 4). */
  readonly position: () => string;
  readonly reached: (position: string) => Promise<void>;
  readonly log: Logger;
  readonly record: (endpoint: Endpoint, status: number, seconds: number) => void;
};

const BODY_BYTES = 1024 * 1024;
/** These work while the registry is read-only: nobody could sign in to look at it otherwise (conventions §7.2). */
const READ_ONLY_TOO: ReadonlySet<string> = new Set([
  'signinUser',
  'verifyUser',
  'retrieveExternalLoginAuthorizationUrl',
]);
const READ_ONLY = 'System is currently read-only. Pulls will succeed but all write operations are currently suspended.';

/** Everything below `/api/v1`: the checks that all operations share, in the contract's order, then the operation. */
export function apiRouter(options: ApiRouterOptions): Router {
  const routes = new Routes(options.endpoints);
  const router = Router();
  router.use(
    '/api/v1',
    (request, _response, next) => {
      // What is not ours is somebody else's, or nobody's.
      if (routes.match(pathOf(request))) next();
      else next('router');
    },
    raw({ type: () => true, limit: BODY_BYTES }),
    async (request, response) => {
      const matched = routes.match(pathOf(request));
      if (matched) await serve(options, matched, request, response);
    },
  );
  return router;
}

const pathOf = ({ originalUrl }: Request): string => originalUrl.split('?', 1)[0] ?? '';

async function serve(options: ApiRouterOptions, matched: Matched, request: Request, response: Response): Promise<void> {
  response.set(corsHeaders(allowedOrigin(options.origins, request.get('origin'))));
  if (request.method === 'OPTIONS') {
    response.set('Allow', allowOf(matched)).status(200).end();
    return;
  }
  const started = performance.now();
  const found = matched.methods.get(request.method === 'HEAD' ? 'GET' : (request.method as Method));
  const { status, body, contentType, headers } = await answerTo(options, request, matched, found);
  response.status(status).set(headers ?? {});
  if (hasNoBody(found, status)) response.end();
  else send(response, body, contentType);
  if (found) options.record(found, status, (performance.now() - started) / 1000);
}

/** As the endpoint declared it; a 204 never has one (conventions §1). */
const hasNoBody = (endpoint: Endpoint | undefined, status: number): boolean =>
  status === 204 || endpoint?.answers[status] === null;

/** JSON ends with a newline (conventions §1). */
function send(response: Response, body: ApiAnswer['body'], contentType: string | undefined): void {
  if (contentType !== undefined && typeof body === 'string') response.type(contentType).send(body);
  else response.type(contentType ?? 'application/json').send(`${JSON.stringify(body)}\n`);
}

const allowOf = ({ methods }: Matched): string => ['OPTIONS', 'HEAD', ...methods.keys()].join(', ');

async function answerTo(
  options: ApiRouterOptions,
  request: Request,
  matched: Matched,
  found: Endpoint | undefined,
): Promise<ApiAnswer> {
  const { root, log } = options;
  let authenticated: Authenticated | undefined;
  try {
    if (!found) throw request.method === 'GET' || request.method === 'HEAD' ? new NotFound() : new PlainAbort(405);
    if (options.xhrOnly && isBareBrowser(request)) throw new Refused(400, XHR);
    authenticated = await options.authentication.of(request.get('authorization'), request.get('cookie'));
    guard(options, request, found, authenticated);
    const minimum = request.get('tidemark-min-position');
    if (minimum !== undefined && /^[0-9]{20}$/.test(minimum)) await options.reached(minimum);
    return await respond(options, request, matched, found, authenticated);
  } catch (error) {
    const answer = apiAnswer(withCaller(error, authenticated?.subject), root, found?.refusals);
    if (answer) return answer;
    log.error({ err: error, method: request.method, operation: found?.operation }, 'request failed');
    return FAILED;
  }
}

const XHR = 'API calls must be invoked with an X-Requested-With header if called from a browser';

/** What is refused whatever the operation is. */
function guard(options: ApiRouterOptions, request: Request, endpoint: Endpoint, authenticated: Authenticated): void {
  const { by, session, subject } = authenticated;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (!reads && !endpoint.ownProof && by !== 'bearer' && !(session && isToken(session.csrf, csrfOf(request)))) {
    throw new Refused(403, 'CSRF token was invalid or missing.');
  }
  if (options.readOnly && request.method !== 'GET' && !READ_ONLY_TOO.has(endpoint.operation)) {
    throw new Message(503, READ_ONLY, { is_readonly: true });
  }
  if (subject.caller.kind === 'anonymous' && !options.anonymousAccess && !endpoint.always) {
    throw new Refused(401, 'Anonymous access is not allowed');
  }
}

/** The parameter wins over the header (conventions §3). */
const csrfOf = (request: Request): string | undefined =>
  searchOf(request).get('_csrf_token') ?? request.get('x-csrf-token');

const searchOf = ({ originalUrl }: Request): URLSearchParams => {
  const question = originalUrl.indexOf('?');
  return new URLSearchParams(question < 0 ? '' : originalUrl.slice(question + 1));
};

/** These errors say who was recognized (conventions §7.2). */
function withCaller(error: unknown, subject: Subject | undefined): unknown {
  if (!(error instanceof Refused) || !subject || subject.caller.kind === 'anonymous') return error;
  return new Refused(error.status, `${error.message} (authorized: ${subject.caller.kind} ${subject.caller.name})`);
}

async function respond(
  options: ApiRouterOptions,
  request: Request,
  matched: Matched,
  endpoint: Endpoint,
  authenticated: Authenticated,
): Promise<ApiAnswer> {
  const { subject, scopes, session: present, by, hasPassword } = authenticated;
  const { sessions, freshMilliseconds } = options;
  const session = new CallSession({
    ...{ sessions, present, freshMilliseconds, now: Date.now },
    needsFresh: by === 'session' && hasPassword,
  });
  const outcome = await endpoint.respond({
    ...{ path: matched.path, search: searchOf(request), subject, scopes, session },
    rawBody: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    contentType: request.get('content-type'),
    context: contextOf(options, request, authenticated),
    now: options.now(),
    header: (name) => request.get(name),
  });
  const headers = { ...outcome.headers, ...(await session.headers()), 'Tidemark-Position': options.position() };
  return { status: outcome.status, body: outcome.body, headers };
}

function contextOf({ addressOf, ids }: ApiRouterOptions, request: Request, from: Authenticated): CommandContext {
  const { caller } = from.subject;
  return {
    actor: caller.kind === 'anonymous' ? { kind: 'anonymous', id: null } : { kind: caller.kind, id: caller.id },
    credential: from.credential,
    via: from.by === 'session' ? 'ui' : 'api',
    asSuperuser: false,
    ip: addressOf(request),
    userAgent: request.get('user-agent') ?? null,
    correlationId: ids.next(),
  };
}
