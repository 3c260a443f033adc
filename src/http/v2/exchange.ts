import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientAddress } from '../clientAddress.js';
import type { VerifiedToken } from '../auth/tokens.js';
import type { ErrorEntry } from './errors.js';

/** Bodies up to here are sent together with the head. */
const ONE_PIECE_BYTES = 16 * 1024;

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

export type Headers = readonly (string | number)[];

/** One request and its answer, with what the routes learn on the way. */
export class Exchange {
  /** Set by the authorization: whose token it was. */
  token: VerifiedToken | undefined;
  /** Bytes of the answer's body, for the metrics. */
  bytesOut = 0;
  #query: URLSearchParams | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    private readonly from: {
      /** Of the URL, as sent, without the query. */
      readonly path: string;
      readonly search: string;
      /** Where the read models are: `Tidemark-Position`. */
      readonly position: () => string;
      readonly addressOf: ClientAddress;
    },
  ) {}

  get path(): string {
    return this.from.path;
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  get query(): URLSearchParams {
    return (this.#query ??= new URLSearchParams(this.from.search));
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get ip(): string | null {
    return this.from.addressOf(this.request);
  }

  get userAgent(): string | null {
    return this.request.headers['user-agent'] ?? null;
  }

  /** Names and values in turn. Without a body the content length is the caller's to state. */
  head(status: number, headers: Headers): void {
    // What every registry answer carries (contract: registry-v2 §1; design section 4).
    const all = ['Docker-Distribution-API-Version', 'registry/2.0', 'Tidemark-Position', this.from.position()];
    for (const part of headers) all.push(typeof part === 'string' ? part : part.toString());
    this.response.writeHead(status, all);
  }

  send(status: number, headers: Headers, body: Uint8Array | string): void {
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    this.head(status, ['Content-Length', length, ...headers]);
    if (this.method === 'HEAD') {
      this.response.end();
      return;
    }
    this.bytesOut = length;
    // Latin-1 keeps each byte as it is, and a string goes out with the head in one piece where bytes would make two.
    if (typeof body !== 'string' && length <= ONE_PIECE_BYTES) this.response.end(latin1(body), 'latin1');
    else this.response.end(body);
  }

  json(status: number, body: unknown, headers: Headers = []): void {
    this.send(status, ['Content-Type', 'application/json', ...headers], JSON.stringify(body));
  }

  empty(status: number, headers: Headers): void {
    // A 204 must not carry a length (RFC 9110 section 8.6).
    this.head(status, status === 204 ? headers : ['Content-Length', 0, ...headers]);
    this.response.end();
  }

  errors(status: number, entries: readonly ErrorEntry[], headers: Headers = []): void {
    const cors = ['Access-Control-Allow-Origin', '*', 'Access-Control-Allow-Headers', 'Authorization, Content-Type'];
    this.json(status, { errors: entries }, [...cors, ...headers]);
  }
}
