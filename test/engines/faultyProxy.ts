import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

/** What a request is recognized by. */
export type Seen = { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders };

/** What becomes of a request: bytes are counted from the beginning of a body. */
export type Fault =
  /** The connection breaks while the request's body is on its way. */
  | { readonly kind: 'reset'; readonly afterBytes: number }
  /** The engine is not even asked. */
  | { readonly kind: 'status'; readonly status: number }
  /** The engine does it, and nobody hears of it. */
  | { readonly kind: 'lost' }
  /** The connection breaks while the answer's body is on its way. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The answer ends early as if that were all. */
  | { readonly kind: 'short'; readonly afterBytes: number }
  /** The engine does not get to see a parameter of the address. */
  | { readonly kind: 'without'; readonly parameter: string }
  /** The engine is asked when `until` is settled. */
  | { readonly kind: 'held'; readonly until: Promise<unknown> };

type Planned = { readonly matches: (seen: Seen) => boolean; readonly fault: Fault; left: number };

/** Stands before an engine and does to requests what networks do. */
export class FaultyProxy {
  #planned: Planned[] = [];
  /** Faults that have happened. */
  happened = 0;
  /** Every request, in order. */
  readonly seen: Seen[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async before(target: URL): Promise<FaultyProxy> {
    const server = createServer();
    const proxy = new FaultyProxy(server, target);
    server.on('request', (incoming, outgoing) => {
      proxy.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get url(): string {
    const { port } = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  /** The next requests of a kind, `times` many, meet a fault. */
  plan(matches: (seen: Seen) => boolean, fault: Fault, times = 1): void {
    this.#planned.push({ matches, fault, left: times });
  }

  heal(): void {
    this.#planned = [];
    this.happened = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming;
    const seen = { method, url: decodeURIComponent(url), headers };
    this.seen.push(seen);
    const fault = this.#faultFor(seen);
    if (fault?.kind === 'reset') {
      await passed(incoming, fault.afterBytes);
      incoming.socket.resetAndDestroy();
      return;
    }
    const body = await buffer(incoming);
    if (fault?.kind === 'status') {
      outgoing.writeHead(fault.status, { 'content-length': '0' }).end();
      return;
    }
    if (fault?.kind === 'held') await fault.until;
    const answer = await this.#ask(incoming, body, fault?.kind === 'without' ? fault.parameter : undefined);
    const bytes = await buffer(answer);
    if (fault?.kind === 'lost') {
      outgoing.destroy();
      return;
    }
    const answered = { ...answer.headers };
    if (fault?.kind === 'short') {
      delete answered['content-length'];
      outgoing.writeHead(answer.statusCode ?? 0, answered).end(bytes.subarray(0, fault.afterBytes));
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 0, answered);
    if (fault?.kind === 'cut') {
      outgoing.write(bytes.subarray(0, fault.afterBytes), () => outgoing.destroy());
      return;
    }
    outgoing.end(bytes);
  }

  #faultFor(seen: Seen): Fault | undefined {
    const planned = this.#planned.find(({ matches, left }) => left > 0 && matches(seen));
    if (!planned) return undefined;
    planned.left -= 1;
    this.happened += 1;
    return planned.fault;
  }

  async #ask(incoming: IncomingMessage, body: Buffer, left: string | undefined): Promise<IncomingMessage> {
    const { method } = incoming;
    const path = left === undefined ? incoming.url : incoming.url?.replace(new RegExp(`&${left}=[^&]*`), '');
    // The signature covers the host that the client knows.
    const { expect: _, 'transfer-encoding': __, ...headers } = incoming.headers;
    const asked = request({
      host: this.target.hostname,
      port: this.target.port,
      ...{ method, path, agent: false },
      headers: { ...headers, ...(body.byteLength > 0 ? { 'content-length': body.byteLength } : {}) },
    });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }
}

/** Settles when so many bytes of a body have come. */
function passed(source: IncomingMessage, bytes: number): Promise<void> {
  return new Promise((resolve) => {
    let length = 0;
    source.on('data', (chunk: Buffer) => {
      length += chunk.byteLength;
      if (length >= bytes) resolve();
    });
  });
}
