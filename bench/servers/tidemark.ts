import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/ports.js';
import { startProcess, type Server } from './process.js';

export const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

export const USER = 'bench';
export const PASSWORD = 'bench-password';

export type TidemarkOptions = {
  readonly folder: string;
  /** For `node`: `--cpu-prof` and the like. */
  readonly nodeOptions?: readonly string[];
  /** Whether the folder has the account already. */
  readonly account?: 'new' | 'there';
  /** Without their prefix. */
  readonly settings?: Readonly<Record<string, string>>;
};

/** This registry as it ships, with an account that owns the namespace `bench`. */
export async function startTidemark({
  folder,
  nodeOptions = [],
  account = 'new',
  settings = {},
}: TidemarkOptions): Promise<Server> {
  const port = await freePort();
  const env = {
    TIDEMARK_DATA_PATH: folder,
    TIDEMARK_HTTP_HOST: '127.0.0.1',
    TIDEMARK_HTTP_PORT: String(port),
    TIDEMARK_SERVER_HOSTNAME: `127.0.0.1:${port}`,
    TIDEMARK_LOG_LEVEL: 'error',
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [`TIDEMARK_${name}`, value])),
  };
  const args = [...nodeOptions, cli, 'serve'];
  const started = await startProcess({ file: process.execPath, args, env, name: 'tidemark', port });
  if (account === 'new') await createUser(env);
  return { ...started, authorization: (repository) => tokenFor(port, repository) };
}

/** Beside the processes of the registry that these settings are of. */
export async function createUser(env: NodeJS.ProcessEnv, superuser = true): Promise<void> {
  const args = [cli, 'user', 'create', USER, '--password-stdin', ...(superuser ? ['--superuser'] : [])];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.end(`${PASSWORD}\n`);
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error('the account could not be made');
}

export async function tokenFor(port: number, repository: string): Promise<string> {
  const basic = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');
  const scope = encodeURIComponent(`repository:${repository}:pull,push`);
  const response = await fetch(`http://127.0.0.1:${port}/v2/auth?scope=${scope}`, {
    headers: { authorization: `Basic ${basic}` },
  });
  const answer: unknown = await response.json();
  if (typeof answer !== 'object' || answer === null || !('token' in answer))
    throw new Error('there is no token in the answer');
  return `Bearer ${String(answer.token)}`;
}
