import { Router, type Request, type Response } from 'express';
import type { CommandContext } from '../../commands/context.js';
import type { ServiceKeyCommands, SubmittedServiceKey } from '../../commands/serviceKeys.js';
import { DomainError } from '../../domain/shared/errors.js';
import { isAlive, millisecondsOf, timestamp, type Timestamp } from '../../domain/shared/time.js';
import type { Clock, Ids } from '../../ports/clock.js';
import type { ServiceKeyDocument, ServiceKeyQueries } from '../../projections/serviceKeys.js';
import type { Tokens } from '../auth/tokens.js';
import type { ClientAddress } from '../clientAddress.js';
import { bearerToken, isSignedBy, publicJwk, type BearerToken } from './serviceJwk.js';

export type KeyServerOptions = {
  readonly tokens: Pick<Tokens, 'publicKey'>;
  readonly commands: Pick<ServiceKeyCommands, 'submit' | 'rotate' | 'delete'>;
  readonly queries: Pick<ServiceKeyQueries, 'byId' | 'usable'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly addressOf: ClientAddress;
  /** Scheme and host of the server: the audience of tokens that services sign. */
  readonly root: string;
  readonly readOnly: boolean;
};

/** A refusal with its status; the text is for people. */
class KeyRefused extends Error {
  constructor(
    readonly status: 400 | 403 | 404 | 409 | 503,
    message: string,
  ) {
    super(message);
  }
}

const REFUSED: Readonly<Record<string, 403 | 404>> = { 'signer-refused': 403, 'service-key-unknown': 404 };
const OWN_SERVICE = 'quay';
const DAY_SECONDS = 86_400;
const OWN_SECONDS = 3_600;
/** The end of the year 9999. */
const LATEST_SECONDS = 253_402_300_799;
const LONGEST_KID = 255;

type Path = { readonly service: string; readonly kid: string };
const PATH = '/keys/services/:service/keys/:kid';

/**
 * The public key server: services find each other's keys here, and hand in and replace their own
 * (contract: superuser §5). The key that signs tokens of the registry protocol is the one of the service `quay`.
 */
export function keyServer(options: KeyServerOptions): Router {
  const { tokens, queries, clock } = options;
  const own = tokens.publicKey;
  const router = Router();

  router.get('/.well-known/jwks.json', (_request, response) => {
    response.set('Cache-Control', `max-age=${OWN_SECONDS}`).json({ keys: [own] });
  });

  router.get('/keys/services/:service/keys', async (request, response) => {
    const { service } = request.params;
    const keys = (await queries.usable(service, clock.now())).map(({ jwk }) => jwk);
    response.json({ keys: service === OWN_SERVICE ? [own, ...keys] : keys });
  });

  router.get(PATH, async (request: Request<Path>, response) => {
    if (request.params.kid === own.kid) {
      response.set('Cache-Control', `max-age=${OWN_SECONDS}`).json(own);
      return;
    }
    await answered(response, async () => {
      const now = clock.now();
      const key = await queries.byId(request.params.kid);
      if (!key) throw new KeyRefused(404, 'there is no such key');
      if (!key.approval) throw new KeyRefused(409, 'the key waits for approval');
      if (!isAlive(key.expires, now)) throw new KeyRefused(403, 'the key has expired');
      response.set('Cache-Control', `public, max-age=${lifeOf(key, now)}`).json(key.jwk);
    });
  });

  router.put(PATH, async (request: Request<Path>, response) => {
    await answered(response, async () => {
      response.status(await put(options, request)).end();
    });
  });

  router.delete(PATH, async (request: Request<Path>, response) => {
    await answered(response, async () => {
      await remove(options, request);
      response.status(204).end();
    });
  });
  return router;
}

async function answered(response: Response, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KeyRefused) && !(error instanceof DomainError)) throw error;
    const status = error instanceof KeyRefused ? error.status : (REFUSED[error.code] ?? 400);
    response.status(status).json({ message: error.message });
  }
}

const lifeOf = ({ expires }: ServiceKeyDocument, now: Timestamp): number =>
  expires === null
    ? DAY_SECONDS
    : Math.min(DAY_SECONDS, Math.floor((millisecondsOf(expires) - millisecondsOf(now)) / 1000));

/** @returns 202: the key waits for a superuser; 200: it has taken the place of the one that signed */
async function put(options: KeyServerOptions, request: Request<Path>): Promise<200 | 202> {
  const { commands, clock, tokens } = options;
  requireWritable(options);
  const { service, kid } = request.params;
  if (kid === tokens.publicKey.kid) throw new KeyRefused(403, "the key is the registry's own");
  const expires = expirationOf(request, clock.now());
  const rotationSeconds = rotationOf(request);
  const jwk = kid.length > LONGEST_KID ? undefined : publicJwk(request.body, kid);
  if (!jwk) throw new KeyRefused(400, 'the body is no public key');
  const token = tokenOf(request);
  const key: SubmittedServiceKey = { kid, jwk, service, metadata: {}, expires, rotationSeconds };
  if (token.signerKid === kid) {
    await requireSignature(options, token, jwk, service);
    await commands.submit(key, contextOf(options, request));
    return 202;
  }
  await signerOf(options, token, service);
  const rotated = { ...key, metadata: { created_by: 'Key Rotation' } };
  await commands.rotate(rotated, token.signerKid, contextOf(options, request));
  return 200;
}

async function remove(options: KeyServerOptions, request: Request<Path>): Promise<void> {
  const { commands, queries } = options;
  requireWritable(options);
  const { service, kid } = request.params;
  const token = tokenOf(request);
  if (token.signerKid === kid) {
    const key = await queries.byId(kid);
    if (key?.service !== service) throw new KeyRefused(404, 'there is no such key');
    await requireSignature(options, token, key.jwk, service);
  } else await signerOf(options, token, service);
  await commands.delete(kid, token.signerKid, contextOf(options, request));
}

/** An approved key of the service that signed the token. @throws KeyRefused */
async function signerOf(options: KeyServerOptions, token: BearerToken, service: string): Promise<void> {
  const signer = await options.queries.byId(token.signerKid);
  const isTrusted = signer?.approval && signer.service === service && isAlive(signer.expires, options.clock.now());
  if (!isTrusted) throw new KeyRefused(403, 'the key that signed may not do this');
  await requireSignature(options, token, signer.jwk, service);
}

async function requireSignature(
  { root }: KeyServerOptions,
  token: BearerToken,
  jwk: ServiceKeyDocument['jwk'],
  service: string,
): Promise<void> {
  if (!(await isSignedBy(token, jwk, { service, audience: root })))
    throw new KeyRefused(400, 'the token is not valid here');
}

function requireWritable({ readOnly }: KeyServerOptions): void {
  if (readOnly) throw new KeyRefused(503, 'System is currently read-only.');
}

function tokenOf(request: Request<Path>): BearerToken {
  const token = bearerToken(request.get('authorization'), request.params.kid);
  if (!token) throw new KeyRefused(400, 'there is no bearer token');
  return token;
}

function expirationOf({ query }: Request<Path>, now: Timestamp): Timestamp | null {
  const seconds = numberIn(query['expiration'], /^[0-9]{1,12}(?:\.[0-9]+)?$/);
  if (seconds === undefined) return null;
  const expires = seconds > LATEST_SECONDS ? now : timestamp(Math.floor(seconds * 1000));
  if (expires <= now) throw new KeyRefused(400, 'the expiration is not in the future');
  return expires;
}

const rotationOf = ({ query }: Request<Path>): number | null => numberIn(query['rotation'], /^[0-9]{1,12}$/) ?? null;

function numberIn(given: unknown, form: RegExp): number | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !form.test(given)) throw new KeyRefused(400, 'a parameter is no number');
  return Number(given);
}

const contextOf = ({ ids, addressOf }: KeyServerOptions, request: Request<Path>): CommandContext => ({
  actor: { kind: 'anonymous', id: null },
  credential: null,
  via: 'api',
  asSuperuser: false,
  ip: addressOf(request),
  userAgent: request.get('user-agent') ?? null,
  correlationId: ids.next(),
});
