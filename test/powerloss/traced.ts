import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, constants, mkdir, mkdtemp, readdir, readFile, realpath, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readTrace, type Operation } from './trace.js';

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));

/** The C source is not compiled along: it stays in the source tree. */
function sourceOf(name: string): string {
  for (let folder = here; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return join(folder, 'test', 'powerloss', name);
    if (folder === dirname(folder)) throw new Error('the project folder was not found');
  }
}

/** Where this machine cannot load the shim: why. */
export function unsupported(): string | undefined {
  if (process.platform !== 'linux') return `LD_PRELOAD with this shim needs Linux, not ${process.platform}`;
  const paths = (process.env['PATH'] ?? '').split(':');
  if (!paths.some((path) => existsSync(join(path, 'cc')))) return 'there is no C compiler (cc)';
  return undefined;
}

const MEMORY = '/dev/shm';
const MEMORY_BYTES = 512 * 1024 * 1024;

/** Rebuilt disks are looked at once and thrown away: in memory, where there is room, nobody waits for a disk. */
async function roomForDisks(): Promise<string> {
  const memory = await statfs(MEMORY).catch(() => undefined);
  const enough = memory !== undefined && memory.bavail * memory.bsize >= MEMORY_BYTES;
  const writable =
    enough &&
    (await access(MEMORY, constants.W_OK)
      .then(() => true)
      .catch(() => false));
  return mkdtemp(join(writable ? MEMORY : tmpdir(), 'tidemark-disks-'));
}

/** Folders for the shim and the traced programs of a suite, and for the disks that are rebuilt. */
export class Laboratory {
  private constructor(
    readonly folder: string,
    readonly disks: string,
    readonly shim: string,
  ) {}

  static async open(): Promise<Laboratory> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-power-')));
    const shim = join(folder, 'shim.so');
    const options = ['-std=gnu11', '-O2', '-Wall', '-Werror', '-shared', '-fPIC', '-pthread'];
    await run('cc', [...options, '-o', shim, sourceOf('shim.c'), '-ldl']);
    return new Laboratory(folder, await roomForDisks(), shim);
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
    await rm(this.disks, { recursive: true, force: true });
  }

  /**
   * Runs a driver program to its end. It is given the folder to work in and the file to acknowledge in.
   *
   * @param driver a compiled file beside this one
   * @param loseSync records no sync, as if the program did not ask for any
   * @returns what it did, and the folder as it left it
   */
  async trace(
    name: string,
    driver: string,
    options: { readonly loseSync?: boolean; readonly arguments?: readonly string[] } = {},
  ): Promise<{ readonly operations: readonly Operation[]; readonly root: string }> {
    const root = join(this.folder, name);
    await mkdir(root);
    const [file, acks] = [`${root}.trace`, `${root}.acks`];
    await run(process.execPath, [join(here, driver), root, acks, ...(options.arguments ?? [])], {
      env: {
        ...process.env,
        // Jest's own options are not for the driver.
        NODE_OPTIONS: '',
        LD_PRELOAD: this.shim,
        UV_USE_IO_URING: '0',
        TIDEMARK_TRACE_ROOT: root,
        TIDEMARK_TRACE_FILE: file,
        TIDEMARK_TRACE_ACKS: acks,
        TIDEMARK_SHIM_LOSE_FSYNC: options.loseSync ? '1' : '0',
      },
    });
    const operations = await readTrace(file);
    await rm(file);
    return { operations, root };
  }
}

/** Every file below a folder with the SHA-256 of its bytes, and every folder, as lines. */
export async function contentsOf(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const lines = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile()) return `${relative(root, path)}/`;
    return `${relative(root, path)} ${createHash('sha256')
      .update(await readFile(path))
      .digest('hex')}`;
  });
  return (await Promise.all(lines)).sort();
}
