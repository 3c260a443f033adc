import { once } from 'node:events';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { within } from './deadline.js';
import { GcsRefusal } from './gcsErrors.js';

export type GcsRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the endpoint, with its parts percent-encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** In pieces, which stay as they are. */
  readonly body?: readonly Uint8Array[];
};

const TRIES = 5;
const FIRST_PAUSE_MS = 100;
/** How long a request takes at most with all its repetitions, in silences that end a connection. */
const SILENCES = 2;
const CONNECTIONS = 256;
const BUSY = new Set([408, 429, 500, 502, 503, 504]);

/**
 * Requests to Cloud Storage's JSON API, each repeated while the engine is busy or a connection breaks: all that are made
 * here may be. They are not left to the library: in its release 8.4 one `503` in answer to a reading throws where nobody
 * can catch it, and ends the process.
 */
export class GcsRequests {
  readonly #endpoint: URL;
  readonly #agent: HttpAgent;

  /**
   * @param headersFor what proves who asks
   * @param authorities whom connections trust, as PEM; undefined: those that Node.js trusts
   */
  constructor(
    endpoint: string,
    private readonly headersFor: (url: string) => Promise<Readonly<Record<string, string>>>,
    private readonly silenceSeconds: number,
    authorities: readonly string[] | undefined,
  ) {
    this.#endpoint = new URL(endpoint);
    const options = { keepAlive: true, maxSockets: CONNECTIONS };
    const trusted = authorities === undefined ? options : { ...options, ca: [...authorities] };
    this.#agent = this.#endpoint.protocol === 'https:' ? new HttpsAgent(trusted) : new HttpAgent(options);
  }

  /** The answer as JSON; undefined if it is empty. @throws GcsRefusal for what the engine says about the request */
  json(request: GcsRequest): Promise<unknown> {
    return this.#repeated(async (late) => {
      const bytes = await buffer(await this.#ask(request, late));
      const read: unknown = bytes.byteLength === 0 ? undefined : JSON.parse(bytes.toString('utf8'));
      return read;
    });
  }

  /**
   * The answer with its body unread: only what comes before that is repeated, and the body has no end but that of silence.
   *
   * @throws GcsRefusal
   */
  stream(request: GcsRequest): Promise<IncomingMessage> {
    return this.#repeated((late) => this.#ask(request, late));
  }

  /** What a request asks, as an address. */
  address(request: Pick<GcsRequest, 'path' | 'query'>): string {
    return this.#url(request).href;
  }

  #url({ path, query = {} }: Pick<GcsRequest, 'path' | 'query'>): URL {
    const url = new URL(this.#endpoint.pathname.replace(/\/$/, '') + path, this.#endpoint);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    return url;
  }

  #repeated<T>(ask: (late: AbortSignal) => Promise<T>): Promise<T> {
    return within(SILENCES * this.silenceSeconds * 1000, async (late) => {
      for (let tries = 1; ; tries += 1) {
        try {
          return await ask(late);
        } catch (error) {
          const isFinal = error instanceof GcsRefusal && !BUSY.has(error.status);
          if (isFinal || tries === TRIES || late.aborted) throw error;
          await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1) * (1 + Math.random()), undefined, { signal: late });
        }
      }
    });
  }

  async #ask(
    { method, path, query = {}, headers, body = [] }: GcsRequest,
    late: AbortSignal,
  ): Promise<IncomingMessage> {
    const url = this.#url({ path, query });
    const length = body.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const proof = await this.headersFor(url.href);
    const asked = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, {
      method,
      agent: this.#agent,
      signal: late,
      timeout: this.silenceSeconds * 1000,
      headers: { ...proof, ...headers, ...(method === 'POST' ? { 'content-length': length } : {}) },
    });
    asked.on('timeout', () => {
      asked.destroy(new Error(`no answer for ${this.silenceSeconds} seconds`));
    });
    for (const bytes of body) asked.write(bytes);
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    // It may be closed before anybody reads it: what its connection then says is no news.
    answer.on('error', () => undefined);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return answer;
    throw new GcsRefusal(status, messageIn(await buffer(answer)));
  }
}

function messageIn(body: Buffer): string {
  const text = body.toString('utf8');
  try {
    const read: unknown = JSON.parse(text);
    const error = typeof read === 'object' && read !== null && 'error' in read ? read.error : undefined;
    if (typeof error === 'object' && error !== null && 'message' in error) return String(error.message);
    return text;
  } catch {
    // What stands between us and the engine answers in its own way.
    return text;
  }
}
