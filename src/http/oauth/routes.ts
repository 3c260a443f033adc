import { Router, text, type Request, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import type { Commands } from '../../commands/commands.js';
import type { Sealing } from '../../commands/sealing.js';
import type { Clock } from '../../ports/clock.js';
import type { Directory } from '../../projections/directory.js';
import type { Queries } from '../../projections/queries.js';
import { apiAnswer, FAILED } from '../api/framework/failures.js';
import type { Portraits } from '../api/shared/portraits.js';
import { accessToken } from './accessToken.js';
import { approve, deny } from './answers.js';
import { assignUser } from './assignUser.js';
import { authorize } from './authorize.js';
import { Grants } from './grants.js';
import { localApp } from './localApp.js';
import { contentPolicy, rendered } from './pages.js';
import { json, Refusal, type Reply } from './replies.js';
import { readRequest, readVisit, type Visit, type VisitOptions } from './visit.js';

export type OAuthRoutesOptions = VisitOptions & {
  readonly clock: Clock;
  readonly sealing: Sealing;
  readonly directory: Directory;
  readonly commands: Commands;
  readonly queries: Queries;
  readonly portraits: Portraits;
  /** Scheme and host of the server, without a slash at the end. */
  readonly root: string;
  /** FEATURE_ASSIGN_OAUTH_TOKEN */
  readonly assignable: boolean;
  /** DIRECT_OAUTH_CLIENTID_WHITELIST */
  readonly direct: ReadonlySet<string>;
  /** REGISTRY_STATE: readonly */
  readonly readOnly: boolean;
  readonly log: Logger;
};

const FORM_BYTES = 64 * 1024;
const LOCAL_HANDLER = '/oauth/localapp';
const READ_ONLY = 'System is currently read-only. Pulls will succeed but all write operations are currently suspended.';

/** The authorization server: what browsers and applications call outside the API (contract: organizations §7.3). */
export function oauthRoutes(options: OAuthRoutesOptions): Router {
  const { clock, sealing, directory, commands, queries, portraits } = options;
  const { root, assignable, direct, readOnly } = options;
  const { applications, namespaces, accounts } = queries;
  const localHandler = `${root}${LOCAL_HANDLER}`;
  const grants = new Grants({ clock, directory, applications, namespaces, commands, localHandler });
  const requireWritable = (): void => {
    if (readOnly) throw new Refusal(json(503, { message: READ_ONLY, is_readonly: true }));
  };
  const shared = { grants, assignable, requireWritable };
  const exchange = accessToken({ ...shared, sealing, codes: commands.authorizationCodes });

  const browser =
    (handle: (visit: Visit) => Promise<Reply>): RequestHandler =>
    (request, response) =>
      answered(options, request, response, async () => {
        const visit = await readVisit(options, request);
        const reply = await settled(() => handle(visit));
        response.set(await visit.session.headers());
        return reply;
      });
  /** An application's own call: a password that it shows is its secret, and nobody's login. */
  const application: RequestHandler = (request, response) =>
    answered(options, request, response, () =>
      settled(() => exchange(readRequest(options, request), request.get('authorization'))),
    );

  const router = Router();
  const form = text({ type: 'application/x-www-form-urlencoded', limit: FORM_BYTES });
  const assign = assignUser({ ...shared, accounts, commands: commands.applications });
  router.get('/oauth/authorize', browser(authorize({ ...shared, portraits })));
  router.post('/oauth/authorizeapp', form, browser(approve({ ...shared, direct })));
  router.post('/oauth/denyapp', form, browser(deny({ grants })));
  router.get(LOCAL_HANDLER, browser(localApp));
  router.post('/oauth/authorize/assignuser', form, browser(assign));
  router.post('/oauth/access_token', form, application);
  return router;
}

/** A refusal is an answer like any other: the session that was begun for it is kept. */
async function settled(handle: () => Promise<Reply>): Promise<Reply> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    throw error;
  }
}

async function answered(
  options: OAuthRoutesOptions,
  request: Request,
  response: Response,
  reply: () => Promise<Reply>,
): Promise<void> {
  try {
    send(response, await reply());
  } catch (error) {
    fail(options, request, response, error);
  }
}

/** What was granted, or asked, is for nobody else's eyes, and for no cache. */
const HEADERS = {
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

function send(response: Response, reply: Reply): void {
  response.set(HEADERS);
  switch (reply.kind) {
    case 'redirect':
      response.status(302).set('Location', reply.to).end();
      return;
    case 'json':
      response
        .status(reply.status)
        .type('application/json')
        .send(`${JSON.stringify(reply.body)}\n`);
      return;
    case 'page':
      response.set('Content-Security-Policy', contentPolicy(reply.page.formTargets));
      response.status(reply.status).type('html').send(rendered(reply.page));
  }
}

function fail({ root, log }: OAuthRoutesOptions, request: Request, response: Response, error: unknown): void {
  const answer = apiAnswer(error, root);
  if (!answer) {
    log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    send(response, json(FAILED.status, FAILED.body));
    return;
  }
  response
    .set(HEADERS)
    .set(answer.headers ?? {})
    .status(answer.status);
  response.type(answer.contentType ?? 'application/json');
  response.send(typeof answer.body === 'string' ? answer.body : `${JSON.stringify(answer.body)}\n`);
}
