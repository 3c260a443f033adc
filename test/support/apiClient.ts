import { PASSWORD, type RegistryProcess } from './registry.js';

/** What the management API answered, whole. */
export class ApiAnswer {
  constructor(
    readonly status: number,
    readonly headers: Headers,
    readonly text: string,
  ) {}

  /** The caller says what it looks like, and its expectations tell whether that is so. */
  json<Body>(): Body {
    return JSON.parse(this.text) as Body;
  }

  /** The parsed body, for `toEqual` and `toMatchObject`; a body that is no JSON as text. */
  get body(): unknown {
    try {
      return JSON.parse(this.text) as unknown;
    } catch {
      return this.text;
    }
  }

  /** Status and body, to be expected together. */
  get both(): readonly [status: number, body: unknown] {
    return [this.status, this.body];
  }
}

export type ApiRequest = {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
};

/** A caller of `/api/v1` over a real socket: anonymous, with a session as a browser has one, or with a bearer token. */
export class ApiClient {
  readonly #cookies = new Map<string, string>();
  #csrf: string | undefined;

  constructor(
    private readonly registry: Pick<RegistryProcess, 'url'>,
    private readonly bearer?: string,
  ) {}

  /** Signed in by name and password. */
  static async signedIn(
    registry: Pick<RegistryProcess, 'url'>,
    username: string,
    password = PASSWORD,
  ): Promise<ApiClient> {
    const client = new ApiClient(registry);
    const answer = await client.post('/api/v1/signin', { username, password });
    if (answer.status !== 200) throw new Error(`${username} cannot sign in: ${answer.status} ${answer.text}`);
    return client;
  }

  /** The same caller, with the same session, at another address. */
  at(registry: Pick<RegistryProcess, 'url'>): ApiClient {
    const other = new ApiClient(registry, this.bearer);
    for (const [name, value] of this.#cookies) other.#cookies.set(name, value);
    other.#csrf = this.#csrf;
    return other;
  }

  get(path: string, headers: ApiRequest['headers'] = {}): Promise<ApiAnswer> {
    return this.send('GET', path, { headers });
  }

  post(path: string, body: unknown = {}): Promise<ApiAnswer> {
    return this.send('POST', path, { body });
  }

  put(path: string, body: unknown = {}): Promise<ApiAnswer> {
    return this.send('PUT', path, { body });
  }

  delete(path: string): Promise<ApiAnswer> {
    return this.send('DELETE', path);
  }

  /** With the session's cookie and, where it is needed, the CSRF token; redirects are answers. */
  async send(method: string, path: string, { body, headers = {} }: ApiRequest = {}): Promise<ApiAnswer> {
    const response = await fetch(`${this.registry.url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(await this.#own(method)), ...(body === undefined ? {} : JSON_BODY), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    this.#remember(response.headers);
    return new ApiAnswer(response.status, response.headers, await response.text());
  }

  /** The headers by which other programs send what this client would. */
  identification(): Promise<{ readonly [name: string]: string }> {
    return this.#own('POST');
  }

  async #own(method: string): Promise<{ [name: string]: string }> {
    if (this.bearer !== undefined) return { Authorization: `Bearer ${this.bearer}` };
    if (method !== 'GET' && method !== 'HEAD' && this.#csrf === undefined) {
      this.#csrf = (await this.get('/csrf_token')).json<{ csrf_token: string }>().csrf_token;
    }
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      ...(cookie === '' ? {} : { Cookie: cookie }),
      ...(this.#csrf === undefined ? {} : { 'X-CSRF-Token': this.#csrf }),
    };
  }

  #remember(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      this.#cookies.set(name, value.join('='));
    }
    this.#csrf = headers.get('x-next-csrf-token') ?? this.#csrf;
  }
}

const JSON_BODY = { 'Content-Type': 'application/json' };
