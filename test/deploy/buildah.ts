import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { toolPath } from '../tools/tools.js';
import { checkoutPath, checkoutText } from './checkout.js';

/** What the builder says of an image, as far as the tests look at it. */
export type ImageConfig = {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly ExposedPorts: Readonly<Record<string, unknown>>;
  readonly Volumes: Readonly<Record<string, unknown>>;
  readonly StopSignal: string;
  readonly Healthcheck: { readonly Test: readonly string[] };
};

export type Finished = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** A builder of images with a storage of its own; it pulls nothing, so the images that ours is based on are stood in for. */
export class Buildah {
  readonly folder = mkdtempSync(join(tmpdir(), 'tidemark-image-'));

  /** @throws with what was said, unless it ends with 0 @returns its standard output */
  run(...args: readonly string[]): string {
    const { code, stdout, stderr } = this.try(...args);
    if (code !== 0) throw new Error(`buildah ${args.join(' ')} ended with ${String(code)}\n${stderr}${stdout}`);
    return stdout.trimEnd();
  }

  try(...args: readonly string[]): Finished {
    const { status, stdout, stderr } = spawnSync(toolPath('buildah'), this.#arguments(args), {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot', TMPDIR: this.folder },
    });
    return { code: status, stdout, stderr };
  }

  start(...args: readonly string[]): ChildProcess {
    return spawn(toolPath('buildah'), this.#arguments(args), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, BUILDAH_ISOLATION: 'chroot', TMPDIR: this.folder },
    });
  }

  /**
   * Images under the names that the Dockerfile starts from: Debian's system, and the same with the Node that the lock file
   * pins and the npm of this machine.
   */
  standIns(): void {
    const [builder = '', base = ''] = [...checkoutText('Dockerfile').matchAll(/^FROM (\S+)/gm)].map(
      ([, name = '']) => `docker.io/library/${name}`,
    );
    const system = this.run('from', 'scratch');
    this.run('add', system, toolPath('debian-rootfs'), '/');
    this.run('commit', system, base);
    this.run('copy', system, checkoutPath('node_modules/node/bin/node'), '/usr/local/bin/node');
    this.run('copy', system, npmFolder(), '/usr/local/lib/node_modules/npm');
    this.run('run', system, '--', 'ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', '/usr/local/bin/npm');
    // Whom this machine trusts: the packages may come over a proxy.
    const authorities = process.env['NODE_EXTRA_CA_CERTS'];
    if (authorities !== undefined) {
      this.run('copy', system, authorities, '/usr/local/share/authorities.pem');
      this.run('config', '--env', 'NODE_EXTRA_CA_CERTS=/usr/local/share/authorities.pem', system);
    }
    this.run('commit', '--rm', system, builder);
  }

  /** Builds the Dockerfile of the checkout, as it is. HEALTHCHECK is known to Docker's format only. */
  build(name: string): void {
    this.run('build', '--pull-never', '--format', 'docker', '--tag', name, checkoutPath(''));
  }

  configOf(image: string): ImageConfig {
    const inspected = JSON.parse(this.run('inspect', '--type', 'image', image)) as {
      readonly Docker: { readonly config: ImageConfig };
    };
    return inspected.Docker.config;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #arguments(args: readonly string[]): string[] {
    const [command = '', ...rest] = args;
    const storage = ['--root', join(this.folder, 'root'), '--runroot', join(this.folder, 'run')];
    return ['--storage-driver', 'vfs', ...storage, command, ...rest];
  }
}

/** Where the npm lies that this machine runs. */
function npmFolder(): string {
  const { stdout } = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' });
  return dirname(dirname(realpathSync(stdout.trim())));
}
