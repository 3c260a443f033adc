import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPath, type ToolName } from '../tools/tools.js';
import { PASSWORD } from './registry.js';

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type RunOptions = { readonly input?: string; readonly cwd?: string; readonly env?: NodeJS.ProcessEnv };

/** A program that was expected to succeed, or to be refused, did not. */
export class ClientFailed extends Error {}

/**
 * Clients with a home of their own: logins, settings and images of one test. A client that is not installed makes its
 * test fail.
 */
export class Clients {
  private constructor(
    /** Home of the clients, and a place for files. */
    readonly folder: string,
  ) {}

  static async create(): Promise<Clients> {
    const clients = new Clients(await mkdtemp(join(tmpdir(), 'tidemark-clients-')));
    await mkdir(join(clients.folder, '.config', 'containers'), { recursive: true });
    await writeFile(
      join(clients.folder, '.config', 'containers', 'policy.json'),
      JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    );
    // podman wants the file that it is told of to be there, even for nobody.
    await writeFile(join(clients.folder, 'auth.json'), '{}');
    return clients;
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  async write(name: string, content: string | Uint8Array): Promise<string> {
    await mkdir(join(this.folder, name, '..'), { recursive: true });
    await writeFile(join(this.folder, name), content);
    return join(this.folder, name);
  }

  /** @throws ClientFailed unless the program ends with 0 @returns its standard output */
  async run(tool: ToolName, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.try(tool, args, options);
    if (ran.code !== 0)
      throw new ClientFailed(`${tool} ${args.join(' ')}\nended with ${String(ran.code)}\n${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  }

  /** @throws ClientFailed if the program ends with 0 @returns all that it said */
  async refused(tool: ToolName, args: readonly string[], options: RunOptions = {}): Promise<string> {
    const ran = await this.try(tool, args, options);
    if (ran.code === 0) throw new ClientFailed(`${tool} ${args.join(' ')}\nshould have failed:\n${ran.stdout}`);
    return ran.stderr + ran.stdout;
  }

  async try(
    tool: ToolName,
    args: readonly string[],
    { input = '', cwd = this.folder, env = {} }: RunOptions = {},
  ): Promise<Ran> {
    const child = spawn(toolPath(tool), [...common(tool, this.folder), ...args], {
      cwd,
      env: { ...this.#environment(), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
    child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
    // Who fails early does not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout, stderr };
  }

  /** Makes a client know who works with a registry. */
  async login(tool: ToolName, host: string, username: string, password = PASSWORD): Promise<void> {
    const input = `${password}\n`;
    switch (tool) {
      case 'crane':
        await this.run(tool, ['auth', 'login', host, '-u', username, '--password-stdin'], { input });
        break;
      case 'regctl':
        await this.insecure(host);
        await this.run(tool, ['registry', 'login', host, '-u', username, '--pass-stdin', '--skip-check'], { input });
        break;
      case 'oras':
        await this.run(tool, ['login', host, '--plain-http', '-u', username, '--password-stdin'], { input });
        break;
      case 'helm':
        await this.run(tool, ['registry', 'login', host, '--plain-http', '-u', username, '--password-stdin'], {
          input,
        });
        break;
      case 'cosign':
        await this.run(tool, ['login', host, '-u', username, '--password-stdin'], { input });
        break;
      case 'skopeo':
      case 'podman':
      case 'buildah':
        await this.run(tool, ['login', '--tls-verify=false', '-u', username, '--password-stdin', host], { input });
        break;
      default:
        throw new Error(`${tool} has no login of its own`);
    }
  }

  /** regctl is told of a registry without TLS once; the others each time. */
  async insecure(host: string): Promise<void> {
    await this.run('regctl', ['registry', 'set', '--tls', 'disabled', '--skip-check', host]);
  }

  async remove(): Promise<void> {
    // podman leaves its storage mounted.
    const mounts = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(`${this.folder}/`)))
      spawnSync('umount', ['--lazy', mount]);
    await rm(this.folder, { recursive: true, force: true });
  }

  #environment(): NodeJS.ProcessEnv {
    return {
      PATH: process.env['PATH'],
      HOME: this.folder,
      TMPDIR: this.folder,
      DOCKER_CONFIG: join(this.folder, '.docker'),
      REGISTRY_AUTH_FILE: join(this.folder, 'auth.json'),
      STORAGE_DRIVER: 'vfs',
      COSIGN_PASSWORD: '',
    };
  }
}

/** podman and buildah keep their images in the home of the test. */
function common(tool: ToolName, folder: string): string[] {
  if (tool === 'skopeo') return ['--insecure-policy'];
  if (tool !== 'podman' && tool !== 'buildah') return [];
  return ['--root', join(folder, 'storage'), '--runroot', join(folder, 'run')];
}
