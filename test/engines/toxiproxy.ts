import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../support/ports.js';
import { hasTool, toolPath } from '../tools/tools.js';
import { reached } from './reached.js';

/** Which way bytes go that meet a fault: `up` to the engine, `down` from it. */
export type Way = 'up' | 'down';
const BOTH: readonly Way[] = ['up', 'down'];

type Address = { readonly hostname: string; readonly port: number | string };
type Toxic = 'latency' | 'reset_peer' | 'bandwidth' | 'timeout' | 'limit_data';

/**
 * Toxiproxy as a process of its own: lines to engines on which a test does what networks do, to any protocol on TCP.
 *
 * ```ts
 * const network = await Toxiproxy.start(); // undefined, said loudly: it is not installed
 * const line = await network.to(engine.url);
 * const store = open(line.through(engine.url));
 * await line.cut();
 * await line.heal();
 * ```
 */
export class Toxiproxy {
  #lines = 0;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {}

  /**
   * @returns undefined, said loudly, if Toxiproxy is not installed
   * @throws Error in CI, where it must be
   */
  static async start(): Promise<Toxiproxy | undefined> {
    if (!hasTool('toxiproxy')) {
      const missing = 'toxiproxy is not installed (test/tools/install engines)';
      if (process.env['CI'] === 'true') throw new Error(missing);
      process.stderr.write(`\n*** SKIPPED: faults of networks: ${missing} ***\n\n`);
      return undefined;
    }
    const port = await freePort();
    const child = spawn(toolPath('toxiproxy'), ['-host', '127.0.0.1', '-port', String(port)], {
      env: { ...process.env, LOG_LEVEL: 'error' },
      stdio: 'ignore',
    });
    const toxiproxy = new Toxiproxy(child, port);
    process.once('exit', toxiproxy.#kill);
    await reached({ hostname: '127.0.0.1', port }, () => child.exitCode !== null, 'toxiproxy did not start:');
    return toxiproxy;
  }

  /**
   * A line to an engine, sound at first. The engine need not listen yet.
   *
   * @param port where the line begins, for engines that tell clients their own address; absent: any that is free
   */
  async to(target: URL | Address, port?: number): Promise<Line> {
    this.#lines += 1;
    const name = `line-${this.#lines}`;
    // A line that was cut listens on the same port again: none that a connection may have been lent in between.
    const line = port ?? (await freePort());
    const upstream = `${target.hostname}:${target.port}`;
    await this.#ask('POST', '/proxies', { name, upstream, listen: `127.0.0.1:${line}`, enabled: true });
    const ask: Ask = (method, path, body) => this.#ask(method, `/proxies/${name}${path}`, body);
    return new Line(line, ask);
  }

  async stop(): Promise<void> {
    process.off('exit', this.#kill);
    const ended = once(this.child, 'exit');
    this.#kill();
    await ended;
  }

  readonly #kill = (): void => {
    this.child.kill('SIGKILL');
  };

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`toxiproxy answered ${answer.status} to ${method} ${path}: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

type Ask = (method: string, path: string, body?: object) => Promise<unknown>;

/** Between clients and one engine. Faults add up until it is healed; connections that are open meet them, too. */
export class Line {
  readonly hostname = '127.0.0.1';

  constructor(
    readonly port: number,
    private readonly ask: Ask,
  ) {}

  /** `127.0.0.1:<port>` */
  get host(): string {
    return `${this.hostname}:${this.port}`;
  }

  /** An engine's address, by this line. */
  through(url: URL): URL {
    const other = new URL(url);
    other.host = this.host;
    return other;
  }

  /** Ends every connection; who makes one is refused. */
  async cut(): Promise<void> {
    await this.ask('POST', '', { enabled: false });
  }

  /** Every packet takes so much longer, by up to `jitter` more or less (ms). */
  async delay(milliseconds: number, jitter = 0, ways: readonly Way[] = BOTH): Promise<void> {
    await this.#add('latency', { latency: milliseconds, jitter }, ways);
  }

  /**
   * Resets every connection that is made from now on, so many milliseconds after the first bytes came by on it; those never
   * arrive. Connections that are open just end when bytes come by.
   */
  async reset(milliseconds = 0, ways: readonly Way[] = BOTH): Promise<void> {
    await this.#add('reset_peer', { timeout: milliseconds }, ways);
  }

  /** Lets so many KiB a second pass on each connection. */
  async limit(kibPerSecond: number, ways: readonly Way[] = BOTH): Promise<void> {
    await this.#add('bandwidth', { rate: kibPerSecond }, ways);
  }

  /** Connections stay and can be made, and nothing passes: a machine that hangs, a firewall that forgot. Healing ends them. */
  async silence(ways: readonly Way[] = BOTH): Promise<void> {
    await this.#add('timeout', { timeout: 0 }, ways);
  }

  /** Lets so many bytes pass on each connection and resets it then; those that are open just end. */
  async breakAfter(bytes: number, ways: readonly Way[] = BOTH): Promise<void> {
    // Toxiproxy resets where it otherwise ends, if there is a toxic that does so: this one itself never acts.
    await this.#add('reset_peer', { timeout: 0 }, ways, 0);
    await this.#add('limit_data', { bytes }, ways);
  }

  /** As good as new. Connections that were reset or cut stay so. */
  async heal(): Promise<void> {
    const toxics = await this.ask('GET', '/toxics');
    for (const toxic of Array.isArray(toxics) ? toxics.map(nameOf) : []) await this.ask('DELETE', `/toxics/${toxic}`);
    await this.ask('POST', '', { enabled: true });
  }

  /** @param toxicity which share of the connections it acts on */
  async #add(
    type: Toxic,
    attributes: Readonly<Record<string, number>>,
    ways: readonly Way[],
    toxicity = 1,
  ): Promise<void> {
    for (const way of ways) {
      await this.ask('POST', '/toxics', { name: `${type}-${way}`, type, stream: `${way}stream`, toxicity, attributes });
    }
  }
}

const nameOf = (toxic: unknown): string =>
  typeof toxic === 'object' && toxic !== null && 'name' in toxic ? String(toxic.name) : '';
