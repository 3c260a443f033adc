import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectAdministration } from '../../src/composition/adminSocket.js';
import { freePort } from './ports.js';

/** The program as it ships. */
const PROGRAM = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const START_MILLISECONDS = 120_000;

export const PASSWORD = 'password1';

/** Settings without their prefix: `{ FEATURE_SPARSE_INDEX: 'true' }`. */
export type Settings = { readonly [key: string]: string };

export type NewAccount = { readonly password?: string; readonly superuser?: boolean; readonly email?: string };

/** The registry as a process of its own, on a free port and a temporary folder. */
export class RegistryProcess {
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly port: number,
    /** `localhost:<port>`: what stands before the name of an image. */
    readonly host: string,
    readonly dataPath: string,
    private readonly folder: string,
    private settings: Settings,
    private readonly program: string,
  ) {}

  /** Started, and ready for requests. */
  static async start(settings: Settings = {}, program = PROGRAM): Promise<RegistryProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-registry-'));
    const port = await freePort();
    const registry = new RegistryProcess(port, `localhost:${port}`, join(folder, 'data'), folder, settings, program);
    await registry.#launch();
    return registry;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** As the process is told that it is called. */
  get nodeName(): string | undefined {
    return this.settings['NODE_NAME'];
  }

  /** What the process has written, log and console. */
  get output(): string {
    return this.#output;
  }

  get child(): ChildProcess {
    if (!this.#child) throw new Error('the registry does not run');
    return this.#child;
  }

  /** Runs another command of the same program on the same registry. @returns its standard output */
  async run(args: readonly string[], input = '', changes: Settings = {}): Promise<string> {
    const env = this.#environment(changes);
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: this.folder, env });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (output += data.toString()));
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`tidemark ${args.join(' ')} ended with ${String(code)}: ${errors}${output}`);
    return output;
  }

  /** An account with a namespace of its own, made through the admin socket. */
  async createUser(name: string, account: NewAccount = {}): Promise<void> {
    const administration = await connectAdministration(this.dataPath);
    if (!administration) throw new Error('nobody listens on the admin socket');
    const { password = PASSWORD, superuser = false, email = null } = account;
    await administration.createUser({ name, password, superuser, email });
  }

  /** Memory that the process holds, in bytes. */
  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${String(this.child.pid)}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** The most memory that the process ever held, in bytes. */
  async peakResidentBytes(): Promise<number> {
    const status = await readFile(`/proc/${String(this.child.pid)}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) * 1024;
  }

  /** Ends the process, politely or not, and starts it again on the same data and the same port. */
  async restart(signal: NodeJS.Signals = 'SIGTERM', changes: Settings = {}): Promise<void> {
    this.settings = { ...this.settings, ...changes };
    await this.#end(signal);
    await this.#launch();
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await rm(this.folder, { recursive: true, force: true });
  }

  #environment(changes: Settings = {}): NodeJS.ProcessEnv {
    const own: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'],
      HOME: this.folder,
      TIDEMARK_DATA_PATH: this.dataPath,
      TIDEMARK_HTTP_PORT: String(this.port),
      TIDEMARK_SERVER_HOSTNAME: this.host,
      // Where whole suites are run on another blob store; they look at what the registry itself answers.
      TIDEMARK_DISTRIBUTED_STORAGE_CONFIG: process.env['TIDEMARK_TEST_STORAGE'],
      TIDEMARK_FEATURE_PROXY_STORAGE: process.env['TIDEMARK_TEST_STORAGE'] && 'true',
    };
    for (const [key, value] of Object.entries({ ...this.settings, ...changes })) own[`TIDEMARK_${key}`] = value;
    return own;
  }

  async #launch(): Promise<void> {
    const child = spawn(process.execPath, [this.program, 'serve'], {
      cwd: this.folder,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe', this.program === PROGRAM ? 'ignore' : 'ipc'],
    });
    this.#child = child;
    const keep = (data: Buffer): void => {
      this.#output = (this.#output + data.toString()).slice(-1_000_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    running.add(child);
    child.once('exit', () => running.delete(child));
    const deadline = Date.now() + START_MILLISECONDS;
    while (!(await isReady(this.port))) {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
        await this.#end('SIGKILL');
        throw new Error(`the registry did not start:\n${this.#output}`);
      }
      await sleep(25);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

/** Ended with the tests, however those end. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request({ host: '127.0.0.1', port, path: '/health/ready', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('error', () => {
      resolve(false);
    });
    asked.end();
  });
}
