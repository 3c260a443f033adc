import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import {
  DestinationRefused,
  OutgoingFailed,
  type Outgoing,
  type OutgoingAnswer,
  type OutgoingRequest,
} from '../../ports/outgoing.js';
import type { Destinations } from './addresses.js';

const MOST_REDIRECTS = 3;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export type GuardedOptions = {
  readonly destinations: Destinations;
  /** Whom TLS connections trust; undefined: whom Node.js trusts. */
  readonly authorities?: readonly string[] | undefined;
  /** As `dns.lookup` does it, for all addresses of a name. */
  readonly resolveAll?: (host: string) => Promise<readonly LookupAddress[]>;
};

const resolveAll = (host: string): Promise<readonly LookupAddress[]> =>
  new Promise((done, fail) => {
    resolve(host, { all: true }, (error, addresses) => {
      if (error) fail(error);
      else done(addresses);
    });
  });

/** Asks others over HTTP, and never itself or its neighbours. Every request has a connection of its own. */
export class GuardedHttp implements Outgoing {
  constructor(private readonly options: GuardedOptions) {}

  async get(request: OutgoingRequest): Promise<OutgoingAnswer> {
    const signal = AbortSignal.timeout(request.timeoutMilliseconds);
    let url = this.#parse(request.url);
    for (let redirects = 0; ; redirects++) {
      const answer = await this.#ask(url, signal);
      const location = answer.headers.location;
      if (!REDIRECTS.has(answer.statusCode ?? 0) || location === undefined) {
        return { status: answer.statusCode ?? 0, body: await bodyOf(answer, request.maximumBytes) };
      }
      answer.destroy();
      if (redirects === MOST_REDIRECTS) throw new OutgoingFailed(`${request.url} redirects too often`);
      url = this.#parse(location, url);
    }
  }

  #parse(text: string, base?: URL): URL {
    const url = URL.parse(text, base?.href);
    if (!url) throw new DestinationRefused('URL must include a hostname');
    const { protocol, username, password, hostname } = url;
    if (protocol !== 'http:' && protocol !== 'https:') {
      throw new DestinationRefused(`Invalid URL scheme '${protocol.slice(0, -1)}': only HTTP and HTTPS are allowed`);
    }
    if (username !== '' || password !== '')
      throw new DestinationRefused('URLs with embedded credentials are not allowed');
    const address = hostname.replace(/^\[|\]$/g, '');
    const { destinations } = this.options;
    // A literal address is connected to without being resolved.
    const refused = isIP(address) === 0 ? !destinations.mayResolve(address) : !destinations.mayConnect(address);
    if (refused) throw new DestinationRefused(`The host ${hostname} may not be asked`);
    return url;
  }

  #ask(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const { authorities } = this.options;
    const options: RequestOptions = {
      lookup: this.#lookup,
      signal,
      agent: false,
      headers: { accept: 'application/json' },
    };
    return new Promise((done, fail) => {
      const sent =
        url.protocol === 'https:'
          ? requestHttps(url, { ...options, ...(authorities ? { ca: [...authorities] } : {}) })
          : requestHttp(url, options);
      sent.once('response', done);
      sent.once('error', (error) => {
        fail(
          error instanceof DestinationRefused
            ? error
            : new OutgoingFailed(`${url.host} does not answer`, { cause: error }),
        );
      });
      sent.end();
    });
  }

  /** All addresses of a name must be allowed, and only those that were looked at are connected to. */
  readonly #lookup: LookupFunction = (host, options, done) => {
    const { destinations, resolveAll: resolved = resolveAll } = this.options;
    resolved(host).then(
      (addresses) => {
        const refused = destinations.isExempt(host)
          ? undefined
          : addresses.find(({ address }) => !destinations.mayConnect(address));
        const [first] = addresses;
        if (refused) done(new DestinationRefused(`The host ${host} may not be asked`), []);
        else if (!first) done(new OutgoingFailed(`Cannot resolve hostname '${host}'`), []);
        else if (options.all === true) done(null, [...addresses]);
        else done(null, first.address, first.family);
      },
      (error: unknown) => {
        done(new OutgoingFailed(`Cannot resolve hostname '${host}'`, { cause: error }), []);
      },
    );
  };
}

async function bodyOf(answer: IncomingMessage, maximumBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of answer) {
      if (!(chunk instanceof Buffer)) throw new OutgoingFailed('the answer is no bytes');
      length += chunk.byteLength;
      if (length > maximumBytes) throw new OutgoingFailed(`the answer is longer than ${maximumBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof OutgoingFailed ? error : new OutgoingFailed('the answer broke off', { cause: error });
  }
  return Buffer.concat(chunks);
}
