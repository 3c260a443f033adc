import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TlsOptions } from 'node:tls';

export type FrontDoor = {
  /** `/v2` and everything below it. */
  readonly registry: RequestListener;
  /** All the rest. */
  readonly application: RequestListener;
  /** Undefined: TLS ends in front of us, or nowhere. */
  readonly tls?: TlsOptions | undefined;
  /** How long a client that we wait for may be silent. */
  readonly idleMilliseconds?: number;
};

/** A client that sends its headers slower than this holds a connection for nothing. */
const HEADERS_MILLISECONDS = 60_000;
/** Longer than the idle time of the balancers in front, so that they and not we close first. */
const KEEP_ALIVE_MILLISECONDS = 75_000;
/** Without a byte in either direction a client is taken for gone, though no network has said so. */
const IDLE_MILLISECONDS = 120_000;
/** Those beyond are turned away before they cost memory. */
const MAXIMUM_CONNECTIONS = 10_000;

/**
 * One listener for both: the registry protocol on bare `node:http`, the rest on Express. Uploads may take hours, so a
 * request as a whole has no time limit; its headers and its pauses do.
 */
export function createFrontDoor({
  registry,
  application,
  tls,
  idleMilliseconds = IDLE_MILLISECONDS,
}: FrontDoor): Server {
  const dispatch: RequestListener = (request, response) => {
    response.on('timeout', endUnlessOurTurn);
    (isRegistryPath(request.url ?? '/') ? registry : application)(request, response);
  };
  const timeouts = { requestTimeout: 0, headersTimeout: HEADERS_MILLISECONDS };
  const server = tls ? createTlsServer({ ...tls, ...timeouts }, dispatch) : createServer(timeouts, dispatch);
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  server.timeout = idleMilliseconds;
  server.maxConnections = MAXIMUM_CONNECTIONS;
  return server;
}

/**
 * A silent connection is closed, and the body of its request fails; unless the client has done his part and it is us he
 * waits for, as while the digest of a large upload is computed. Without an answer under way Node closes it by itself.
 */
function endUnlessOurTurn(this: ServerResponse, socket: Socket): void {
  const { complete, readableLength } = this.req;
  const sent = this.writableLength === 0 && !this.writableEnded;
  if (sent && (complete || readableLength > 0)) socket.setTimeout(socket.timeout ?? IDLE_MILLISECONDS);
  else socket.destroy();
}

/** `/v2` and what lies below it, but not `/v2something`. */
const isRegistryPath = (url: string): boolean => url.startsWith('/v2/') || url === '/v2' || url.startsWith('/v2?');

export type Draining = {
  /** How long connections are still taken, by those who have not noticed yet that we said we take no more. */
  readonly noticeMilliseconds?: number;
  /** How long those that are busy may take. */
  readonly patienceMilliseconds: number;
};

/** Stops taking connections and lets those that are busy finish; idle ones are closed. */
export async function drain(server: Server, { noticeMilliseconds = 0, patienceMilliseconds }: Draining): Promise<void> {
  if (noticeMilliseconds > 0) await sleep(noticeMilliseconds);
  const closed = new Promise<void>((resolve) => {
    server.close(() => {
      resolve();
    });
  });
  server.closeIdleConnections();
  const impatience = setTimeout(() => {
    server.closeAllConnections();
  }, patienceMilliseconds);
  // A connection becomes idle when its answer is out; Node closes it with the next sweep or here.
  const sweep = setInterval(() => {
    server.closeIdleConnections();
  }, 50);
  await closed;
  clearTimeout(impatience);
  clearInterval(sweep);
}
