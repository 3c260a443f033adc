import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientAddress } from '../clientAddress.js';
import type { VerifiedToken } from '../auth/tokens.js';
import type { ErrorEntry } from './errors.js';

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
    this.#head(status, headers);
  }

  /** @param body a string has one byte a character (Latin-1): it goes out in one piece with the head */
  send(status: number, headers: Headers, body: Uint8Array | string): void {
    const length = typeof body === 'string' ? body.length : body.byteLength;
    this.#head(status, headers, length);
    if (this.method === 'HEAD') {
      this.response.end();
      return;
    }
    this.bytesOut = length;
    if (typeof body === 'string') this.response.end(body, 'latin1');
    else this.response.end(body);
  }

  notModified(headers: Headers): void {
    this.#head(304, headers);
    this.response.end();
  }

  /** With what every registry answer carries (contract: registry-v2 §1; design section 4). */
  #head(status: number, headers: Headers, length?: number): void {
    const all = ['Docker-Distribution-API-Version', 'registry/2.0', 'Tidemark-Position', this.from.position()];
    if (length !== undefined) all.push('Content-Length', length.toString());
    for (const part of headers) all.push(typeof part === 'string' ? part : part.toString());
    this.response.writeHead(status, all);
  }

  json(status: number, body: unknown, headers: Headers = []): void {
    this.send(status, ['Content-Type', 'application/json', ...headers], Buffer.from(JSON.stringify(body)));
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
