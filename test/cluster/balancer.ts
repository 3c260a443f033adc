import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Node = { readonly port: number; ready: boolean };

const CHECK_MILLISECONDS = 100;

/**
 * What stands before the API nodes: each request goes to the next node that says it is ready. It repeats nothing: what
 * fails, the client sees.
 */
export class Balancer {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #nodes: Node[] = [];
  #turn = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Requests that no node answered. */
  failures: string[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Balancer> {
    const server = createServer();
    const balancer = new Balancer(server);
    server.on('request', (incoming, outgoing) => {
      balancer.#pass(incoming, outgoing);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return balancer;
  }

  get host(): string {
    return `localhost:${(this.server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Sends requests to these ports from now on, whether or not they say that they are ready. */
  use(ports: readonly number[]): void {
    this.#nodes.push(...ports.map((port) => ({ port, ready: true })));
  }

  /** Sends requests to these ports from now on. */
  async watch(ports: readonly number[]): Promise<void> {
    this.#nodes.push(...ports.map((port) => ({ port, ready: false })));
    await this.#look();
    this.#timer ??= setInterval(() => void this.#look(), CHECK_MILLISECONDS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  async #look(): Promise<void> {
    await Promise.all(this.#nodes.map(async (node) => (node.ready = await isReady(node.port))));
  }

  #next(): Node | undefined {
    const ready = this.#nodes.filter((node) => node.ready);
    // If none is, all are asked: they know best what they can do, and say in the client's protocol what they cannot.
    const asked = ready.length > 0 ? ready : this.#nodes;
    this.#turn += 1;
    return asked[this.#turn % asked.length];
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const node = this.#next();
    if (!node) {
      outgoing.writeHead(503, { 'retry-after': '1' }).end();
      return;
    }
    const { method = '', url = '', headers } = incoming;
    const asked = request({ host: '127.0.0.1', port: node.port, method, path: url, headers, agent: this.#agent });
    asked.once('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.once('error', () => outgoing.destroy());
    });
    asked.once('error', (error) => {
      // A client that went away is told nothing.
      if (outgoing.destroyed || (incoming.destroyed && !incoming.complete)) return;
      this.failures.push(`${method} ${url} at ${node.port}: ${error.message}`);
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end();
    });
    incoming.pipe(asked);
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) asked.destroy();
    });
  }
}

export function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/health/ready', agent: false, timeout: 2_000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => {
      resolve(false);
    });
    asked.end();
  });
}
