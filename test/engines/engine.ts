import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/registry.js';
import { hasTool, type ToolName } from '../tools/tools.js';

export type EngineName = 's3' | 'gcs';

/** An engine that the tests may use as they like. */
export type Engine = { readonly url: URL; stop(): Promise<void> };

const PROGRAMS: Readonly<Record<EngineName, ToolName>> = { s3: 'versitygw', gcs: 'fake-gcs-server' };
const START_MILLISECONDS = 20_000;
/** The script stays in the checkout, while this module runs from `dist/test/engines`. */
const script = fileURLToPath(new URL('../../../test/engines/start', import.meta.url));

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
    if (url.protocol.startsWith('http')) await reached(url, () => false, `${variable} names ${url.host}, but`);
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
  const child = spawn(script, [name, String(port), folder], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (data: Buffer): void => {
    output = (output + data.toString()).slice(-10_000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  process.once('exit', kill);
  const url = new URL(`http://127.0.0.1:${port}`);
  try {
    await reached(url, () => child.exitCode !== null, `${name} did not start:`);
  } catch (error) {
    kill();
    throw new Error(output, { cause: error });
  }
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    const ended = once(child, 'exit');
    kill();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

async function reached({ hostname, port, protocol }: URL, isOver: () => boolean, why: string): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    const socket = connect(Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port), hostname);
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (isOver() || Date.now() > deadline) throw new Error(`${why} nobody listens`, { cause: error });
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}
