import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import { position as positionOf, type Position } from '../../domain/shared/ids.js';
import type { ClientAddress } from '../clientAddress.js';
import { deleteBlob, getBlob } from './blobs.js';
import { discardBody } from './body.js';
import { listRepositories } from './catalog.js';
import { ociAnswer, OciError } from './errors.js';
import { Exchange } from './exchange.js';
import { deleteManifest } from './manifestDelete.js';
import { getManifest } from './manifestGet.js';
import { putManifest } from './manifestPut.js';
import { parseV2Path, type V2Route } from './path.js';
import { listReferrers } from './referrers.js';
import type { Registry } from './registry.js';
import { ClientGone } from './stream.js';
import { listTags } from './tags.js';
import { issueToken } from './token.js';
import { appendToUpload, beginUpload, cancelUpload, finishUpload, uploadStatus } from './uploads.js';
import { ping } from './ping.js';

type Act = (registry: Registry, exchange: Exchange, route: V2Route) => void | Promise<void>;
type Methods = { readonly [method: string]: Act };

/** Types a handler by the route that it serves. */
const serve =
  <Kind extends V2Route['kind']>(
    _kind: Kind,
    act: (registry: Registry, exchange: Exchange, route: Extract<V2Route, { kind: Kind }>) => void | Promise<void>,
  ): Act =>
  (registry, exchange, route) =>
    act(registry, exchange, route as Extract<V2Route, { kind: Kind }>);

/** All of `/v2`: what is not here is 405 or 404 (contract: registry-v2 §1). */
const table: { readonly [kind in V2Route['kind']]: Methods } = {
  ping: { GET: serve('ping', ping), HEAD: serve('ping', ping) },
  auth: { GET: serve('auth', issueToken), POST: serve('auth', issueToken) },
  catalog: { GET: serve('catalog', listRepositories) },
  tags: { GET: serve('tags', listTags) },
  manifest: {
    GET: serve('manifest', getManifest),
    HEAD: serve('manifest', getManifest),
    PUT: serve('manifest', putManifest),
    DELETE: serve('manifest', deleteManifest),
  },
  blob: { GET: serve('blob', getBlob), HEAD: serve('blob', getBlob), DELETE: serve('blob', deleteBlob) },
  uploads: { POST: serve('uploads', beginUpload) },
  upload: {
    GET: serve('upload', uploadStatus),
    PATCH: serve('upload', appendToUpload),
    PUT: serve('upload', finishUpload),
    DELETE: serve('upload', cancelUpload),
  },
  referrers: { GET: serve('referrers', listReferrers), HEAD: serve('referrers', listReferrers) },
};

/** What the metrics want to know of a request that is over. */
export type V2Recorder = (route: string, exchange: Exchange, seconds: number) => void;

export type V2Options = {
  readonly registry: Registry;
  readonly log: Logger;
  /** One id for each request that is worth a line in the log. */
  readonly requestId: () => string;
  readonly addressOf: ClientAddress;
  readonly position: () => string;
  /** Resolves when the read models have passed a position. */
  readonly reached: (position: Position) => Promise<void>;
  readonly record: V2Recorder;
};

/** The registry protocol on `node:http`: its hot path would cost a multiple through a framework. */
export function v2Handler({
  registry,
  log,
  requestId,
  addressOf,
  position,
  reached,
  record,
}: V2Options): RequestListener {
  return (request, response) => {
    const started = performance.now();
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    const path = mark < 0 ? url : url.slice(0, mark);
    const search = mark < 0 ? '' : url.slice(mark + 1);
    const exchange = new Exchange(request, response, { path, search, position, addressOf });
    const route = parseV2Path(path);
    const finished = (): void => {
      record(route?.kind ?? 'unknown', exchange, (performance.now() - started) / 1000);
    };
    /** Never rejects: an answer to an error that fails itself is no answer, and nothing must take the process down. */
    const failed = async (error: unknown): Promise<void> => {
      const requestLog = log.child({ requestId: requestId() });
      try {
        await answerError(exchange, error, requestLog);
      } catch (second) {
        requestLog.error({ err: second, path: exchange.path }, 'could not answer an error');
        response.destroy();
      }
    };
    try {
      const wanted = minimumPosition(request.headers['tidemark-min-position']);
      const answering =
        wanted === undefined || wanted <= position()
          ? dispatch(registry, exchange, route)
          : reached(wanted).then(() => dispatch(registry, exchange, route));
      // What can be answered at once is not made to wait for a turn of the event loop.
      if (answering) void answering.catch(failed).then(finished);
      else finished();
    } catch (error) {
      void failed(error).then(finished);
    }
  };
}

/** A read that must be no older than a position (design section 4). @throws OciError 400 */
function minimumPosition(header: string | string[] | undefined): Position | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,20}$/.test(header)) return positionOf(BigInt(header));
  throw new OciError(400, 'UNSUPPORTED', 'Tidemark-Min-Position must be a position as Tidemark-Position tells it');
}

function dispatch(registry: Registry, exchange: Exchange, route: V2Route | undefined): void | Promise<void> {
  if (!route) throw new OciError(404, 'UNSUPPORTED', 'there is nothing at this path of the registry protocol');
  const methods = table[route.kind];
  const act = Object.hasOwn(methods, exchange.method) ? methods[exchange.method] : undefined;
  if (!act) {
    throw new OciError(
      405,
      'UNSUPPORTED',
      'The operation is unsupported.',
      {},
      { Allow: Object.keys(methods).join(', ') },
    );
  }
  if (registry.settings.recovering && route.kind !== 'ping' && route.kind !== 'auth') {
    throw new OciError(405, 'UNSUPPORTED', 'Quay running for account recoveries only.');
  }
  return act(registry, exchange, route);
}

async function answerError(exchange: Exchange, error: unknown, log: Logger): Promise<void> {
  const { response, request } = exchange;
  if (error instanceof ClientGone || (request.destroyed && !request.complete)) {
    response.destroy();
    return;
  }
  const answer = ociAnswer(error);
  if (!answer) log.error({ err: error, method: exchange.method, path: exchange.path }, 'request failed');
  if (response.headersSent) {
    // Half an answer cannot be taken back: breaking off tells the client that it is not whole.
    response.destroy();
    return;
  }
  const status = answer?.status ?? 500;
  const entries = answer?.entries ?? [
    {
      code: 'UNKNOWN' as const,
      message: 'the registry failed to do this: try again, and tell its operator',
      detail: {},
    },
  ];
  await discardBody(request);
  // A body that was not read to its end would be taken for the next request.
  const close = request.complete ? [] : ['Connection', 'close'];
  exchange.errors(status, entries, [...Object.entries(answer?.headers ?? {}).flat(), ...close]);
}
