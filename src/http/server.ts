import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';

export type FrontDoor = {
  /** `/v2` and everything below it. */
  readonly registry: RequestListener;
  /** All the rest. */
  readonly application: RequestListener;
  /** Undefined: TLS ends in front of us, or nowhere. */
  readonly tls?: TlsOptions | undefined;
};

/** A client that sends its headers slower than this holds a connection for nothing. */
const HEADERS_MILLISECONDS = 60_000;
/** Longer than the idle time of the balancers in front, so that they and not we close first. */
const KEEP_ALIVE_MILLISECONDS = 75_000;

/**
 * One listener for both: the registry protocol on bare `node:http`, the rest on Express. Uploads may take hours, so a
 * request as a whole has no time limit; its headers do.
 */
export function createFrontDoor({ registry, application, tls }: FrontDoor): Server {
  const dispatch: RequestListener = (request, response) => {
    (isRegistryPath(request.url ?? '/') ? registry : application)(request, response);
  };
  const timeouts = { requestTimeout: 0, headersTimeout: HEADERS_MILLISECONDS };
  const server = tls ? createTlsServer({ ...tls, ...timeouts }, dispatch) : createServer(timeouts, dispatch);
  server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
  return server;
}

/** `/v2` and what lies below it, but not `/v2something`. */
const isRegistryPath = (url: string): boolean => url.startsWith('/v2/') || url === '/v2' || url.startsWith('/v2?');

/** Stops taking connections and lets those that are busy finish; idle ones are closed. */
export async function drain(server: Server, patienceMilliseconds: number): Promise<void> {
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
