import { createHash, randomBytes } from 'node:crypto';
import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import { PASSWORD } from './registry.js';

/** What `/v2` answered, whole. */
export class Answer {
  constructor(
    readonly status: number,
    readonly headers: IncomingHttpHeaders,
    readonly body: Buffer,
  ) {}

  header(name: string): string | undefined {
    const value = this.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  }

  get text(): string {
    return this.body.toString('utf8');
  }

  /** The caller says what it looks like, and its expectations tell whether that is so. */
  json<Body>(): Body {
    return JSON.parse(this.text) as Body;
  }

  get errors(): readonly OciErrorEntry[] {
    return this.json<{ errors: OciErrorEntry[] }>().errors;
  }

  /** Status, and the code of each error of the body. */
  get refusal(): readonly [status: number, ...codes: string[]] {
    return [this.status, ...this.errors.map(({ code }) => code)];
  }
}

export type OciErrorEntry = { readonly code: string; readonly message: string; readonly detail: unknown };

/** Bytes; with a list, chunked transfer of its members one after the other. */
export type RequestBody = Uint8Array | string | readonly Uint8Array[];

export type RequestOptions = {
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: RequestBody;
  /** Bearer token; null: no `Authorization` at all. By default one for the repository, if the client has a user. */
  readonly token?: string | null;
};

export type Algorithm = 'sha256' | 'sha512';
export type Flow = 'post' | 'post-put' | 'chunked' | 'chunked-put' | 'streamed';
/** Every way to upload a blob. */
export const FLOWS: readonly Flow[] = ['post', 'post-put', 'chunked', 'chunked-put', 'streamed'];

export type Target = { readonly url: string; readonly host: string };

const agent = new Agent({ keepAlive: true });

/** Closes the connections that are kept; for the end of a test file. */
export const closeConnections = (): void => {
  agent.destroy();
};

export const digestOf = (bytes: Uint8Array | string, algorithm: Algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

/** One user, or nobody, at the raw protocol: it follows nothing and repeats nothing. */
export class V2Client {
  readonly #tokens = new Map<string, string>();

  constructor(
    readonly target: Target,
    readonly username: string | null = null,
    readonly password = PASSWORD,
  ) {}

  /** One request; `path` may be absolute. */
  send(method: string, path: string, { headers = {}, body, token }: RequestOptions = {}): Promise<Answer> {
    const url = new URL(path, this.target.url);
    const base = new URL(this.target.url);
    const authorization = token === undefined || token === null ? {} : { Authorization: `Bearer ${token}` };
    const whole = typeof body === 'string' || body instanceof Uint8Array ? body : undefined;
    const length =
      body === undefined || whole !== undefined ? { 'Content-Length': Buffer.byteLength(whole ?? '') } : {};
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          ...{ agent, method, host: base.hostname, port: base.port, path: url.pathname + url.search },
          headers: { ...(method === 'GET' || method === 'HEAD' ? {} : length), ...authorization, ...headers },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const answer = new Answer(response.statusCode ?? 0, response.headers, Buffer.concat(chunks));
            try {
              if (method !== 'HEAD' && /^\/v2\/(?!auth)/.test(url.pathname)) checkRefusal(answer);
              resolve(answer);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
          });
        },
      );
      outgoing.once('error', reject);
      if (Array.isArray(body)) for (const chunk of body) outgoing.write(chunk);
      outgoing.end(whole);
    });
  }

  /** GET of a token, with these scopes as a parameter each. */
  requestToken(scopes: readonly string[], parameters: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const query = new URLSearchParams({ service: this.target.host, ...parameters });
    for (const scope of scopes) query.append('scope', scope);
    return this.send('GET', `/v2/auth?${query.toString()}`, { headers: this.basic });
  }

  get basic(): OutgoingHttpHeaders {
    if (this.username === null) return {};
    return { Authorization: `Basic ${Buffer.from(`${this.username}:${this.password}`).toString('base64')}` };
  }

  /** A token for these scopes, kept. */
  async token(...scopes: string[]): Promise<string> {
    const key = scopes.join(' ');
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const answer = await this.requestToken(scopes);
    if (answer.status !== 200) throw new Error(`no token for ${key}: ${answer.status} ${answer.text}`);
    const { token } = answer.json<{ token: string }>();
    this.#tokens.set(key, token);
    return token;
  }

  repository(name: string): Repository {
    return new Repository(this, name);
  }
}

export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: { readonly architecture: string; readonly os: string };
};

/** One repository, with a token that may do all that its user may. */
export class Repository {
  constructor(
    readonly client: V2Client,
    readonly name: string,
  ) {}

  get path(): string {
    return `/v2/${this.name}`;
  }

  /** Of the client's user; for nobody, none. */
  async token(): Promise<string | null> {
    if (this.client.username === null) return null;
    return this.client.token(`repository:${this.name}:pull,push`);
  }

  /** @param path below the repository, or the whole of a `Location` */
  async send(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    const token = options.token === undefined ? await this.token() : options.token;
    const whole = path.startsWith('/v2/') || path.startsWith('http') ? path : `${this.path}/${path}`;
    return this.client.send(method, whole, { ...options, token });
  }

  get(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('GET', path, { headers });
  }

  head(path: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.send('HEAD', path, { headers });
  }

  delete(path: string): Promise<Answer> {
    return this.send('DELETE', path);
  }

  /** Opens a session. @returns where it is */
  async beginUpload(query = ''): Promise<string> {
    const answer = await this.send('POST', `blobs/uploads/${query}`);
    if (answer.status !== 202) throw new Error(`no session: ${answer.status} ${answer.text}`);
    return locationOf(answer);
  }

  patch(location: string, body: RequestBody, start?: number): Promise<Answer> {
    return this.send('PATCH', location, { body, headers: rangeHeaders(body, start) });
  }

  close(location: string, digest: string, body?: RequestBody, start?: number): Promise<Answer> {
    const headers = body === undefined ? {} : rangeHeaders(body, start);
    return this.send('PUT', withQuery(location, { digest }), { headers, ...(body === undefined ? {} : { body }) });
  }

  /** @returns the answer that ended the upload */
  async upload(flow: Flow, bytes: Uint8Array, digest: string): Promise<Answer> {
    if (flow === 'post') {
      const headers = { 'Content-Type': 'application/octet-stream' };
      return this.send('POST', `blobs/uploads/?digest=${digest}`, { body: bytes, headers });
    }
    const location = await this.beginUpload();
    if (flow === 'post-put') return this.close(location, digest, bytes);
    if (flow === 'streamed') {
      const streamed = await this.patch(
        location,
        [bytes.subarray(0, 7), bytes.subarray(7)].filter(({ length }) => length > 0),
      );
      return streamed.status === 202 ? this.close(locationOf(streamed), digest) : streamed;
    }
    const half = Math.floor(bytes.byteLength / 2);
    const first = await this.patch(location, bytes.subarray(0, half), half === 0 ? undefined : 0);
    const rest = bytes.subarray(half);
    if (flow === 'chunked-put') return this.close(locationOf(first), digest, rest, half);
    const second = await this.patch(locationOf(first), rest, half);
    return this.close(locationOf(second), digest);
  }

  /** @returns its digest */
  async pushBlob(bytes: Uint8Array | string, algorithm: Algorithm = 'sha256', flow: Flow = 'post'): Promise<string> {
    const content = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const digest = digestOf(content, algorithm);
    expectStatus(await this.upload(flow, content, digest), 201);
    return digest;
  }

  /** Without a reference under its sha256 digest. */
  putManifest(bytes: Uint8Array | string, mediaType: string, reference: string = digestOf(bytes)): Promise<Answer> {
    return this.send('PUT', `manifests/${reference}`, { body: bytes, headers: { 'Content-Type': mediaType } });
  }

  /** @returns its descriptor */
  async pushManifest(document: object, mediaType: string, reference?: string): Promise<Descriptor> {
    const bytes = Buffer.from(JSON.stringify(document));
    expectStatus(await this.putManifest(bytes, mediaType, reference), 201);
    return { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  }
}

/** The codes of the distribution spec ("Error Codes"); the last two may be sent for schema 1. */
const CODES: ReadonlySet<string> = new Set([
  ...['BLOB_UNKNOWN', 'BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN', 'DIGEST_INVALID', 'MANIFEST_BLOB_UNKNOWN'],
  ...['MANIFEST_INVALID', 'MANIFEST_UNKNOWN', 'NAME_INVALID', 'NAME_UNKNOWN', 'SIZE_INVALID', 'UNAUTHORIZED', 'DENIED'],
  ...['UNSUPPORTED', 'TOOMANYREQUESTS', 'TAG_INVALID', 'MANIFEST_UNVERIFIED'],
]);

/**
 * Holds for every answer that any test gets: nothing fails inside, and a refusal has the form and a code of the spec.
 *
 * @throws Error for an answer that no client should see
 */
function checkRefusal(answer: Answer): void {
  const { status, body } = answer;
  if (status >= 500 && status !== 503) throw new Error(`the registry failed: ${status} ${answer.text}`);
  if (status < 400 || status >= 500 || body.byteLength === 0 || answer.text === 'true') return;
  const { errors } = answer;
  const isWellFormed = errors.length > 0 && errors.every(({ code, message }) => CODES.has(code) && message !== '');
  if (!isWellFormed || answer.header('content-type') !== 'application/json') {
    throw new Error(`no refusal of the spec: ${status} ${answer.text}`);
  }
}

/** @throws Error that shows what came instead */
export function expectStatus(answer: Answer, status: number): Answer {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${answer.text}`);
  return answer;
}

export function locationOf(answer: Answer): string {
  const location = answer.header('location');
  if (location === undefined) throw new Error(`no Location: ${answer.status} ${answer.text}`);
  return location;
}

export const withQuery = (location: string, query: Readonly<Record<string, string>>): string =>
  `${location}${location.includes('?') ? '&' : '?'}${new URLSearchParams(query).toString()}`;

function rangeHeaders(body: RequestBody, start: number | undefined): OutgoingHttpHeaders {
  if (start === undefined) return { 'Content-Type': 'application/octet-stream' };
  const parts = typeof body === 'string' ? [Buffer.from(body)] : body instanceof Uint8Array ? [body] : body;
  const length = parts.reduce((sum, part) => sum + part.byteLength, 0);
  return { 'Content-Type': 'application/octet-stream', 'Content-Range': `${start}-${start + length - 1}` };
}

/** Bytes that nobody pushed before. */
export const freshBytes = (length = 512): Buffer => randomBytes(length);
