import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.js';
import { hasTool, type ToolName } from '../tools/tools.js';
import { reached } from './reached.js';

export type EngineName = 's3' | 'gcs' | 'mongodb';

/** An engine that the tests may use as they like. */
export type Engine = {
  readonly url: URL;
  /** Of one that was started here: its process dies, and comes again on the same data and the same port. */
  readonly own?: { end(): Promise<void>; again(): Promise<void> };
  stop(): Promise<void>;
};

const PROGRAMS: Readonly<Record<EngineName, ToolName>> = {
  s3: 'versitygw',
  gcs: 'fake-gcs-server',
  mongodb: 'ferretdb',
};
/** The script stays in the checkout, while this module runs from `dist/test/engines`. */
export const START_SCRIPT = fileURLToPath(new URL('../../../test/engines/start', import.meta.url));

/**
 * The engine that the environment names (`TIDEMARK_TEST_S3`, `TIDEMARK_TEST_GCS`), or one of our own in a temporary folder.
 *
 * @returns undefined, said loudly, if there is none
 * @throws Error if there is none where there must be one: in CI, or at a given address
 */
export async function engine(name: EngineName): Promise<Engine | undefined> {
  const variable = `TIDEMARK_TEST_${name.toUpperCase()}`;
  const given = process.env[variable];
  if (given !== undefined && given !== '') {
    const url = new URL(given);
    if (url.protocol.startsWith('http')) {
      const { hostname, host } = url;
      await reached({ hostname, port: portOf(url) }, () => false, `${variable} names ${host}, but`);
    }
    return { url, stop: () => Promise.resolve() };
  }
  if (hasTool(PROGRAMS[name])) return start(name);
  const missing = `${PROGRAMS[name]} is not installed (test/tools/install engines), and ${variable} names no other`;
  if (process.env['CI'] === 'true') throw new Error(missing);
  process.stderr.write(`\n*** SKIPPED: tests against ${name}: ${missing} ***\n\n`);
  return undefined;
}

async function start(name: EngineName): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), `tidemark-${name}-`));
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  let child = await launched(name, port, folder);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    kill();
    await ended;
  };
  const again = async (): Promise<void> => {
    child = await launched(name, port, folder);
  };
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, own: { end, again }, stop };
}

async function launched(name: EngineName, port: number, folder: string): Promise<ChildProcess> {
  const child = spawn(START_SCRIPT, [name, String(port), folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-10_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  try {
    await reached(
      { hostname: '127.0.0.1', port },
      () => child.exitCode !== null || child.signalCode !== null,
      `${name} did not start:`,
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(output, { cause: error });
  }
  return child;
}

const portOf = ({ port, protocol }: URL): number => (port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port));
