import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { GenericContainer } from 'testcontainers';
import { openEventStoreDb } from '../../src/adapters/eventstore/eventstoredb/eventStoreDb.js';
import { freePort } from '../support/ports.js';

/** A server that speaks EventStoreDB's protocol. */
export type EventStoreDbEngine = {
  /** Connection string. */
  readonly connection: string;
  readonly kind: 'given' | 'container' | 'stand-in';
  /** Of one that was started here: its process dies, and comes again on the same data and the same port. */
  readonly own?: { readonly hostname: string; readonly port: number; end(): Promise<void>; again(): Promise<void> };
  stop(): Promise<void>;
};

/** A log of a test's own on a server that others use, too. */
export const newStreamPrefix = (): string => `test_${randomUUID().replaceAll('-', '')}`;

const VARIABLE = 'TIDEMARK_TEST_EVENTSTOREDB';
const IMAGE = 'eventstore/eventstore:23.10.1-jammy';
const PORT = 2113;
const START_MILLISECONDS = 60_000;
const program = fileURLToPath(new URL('eventstoredb/server.js', import.meta.url));

/**
 * The server that `TIDEMARK_TEST_EVENTSTOREDB` names by its connection string; the genuine one in a container where
 * Docker is; else the one under `test/engines/eventstoredb`, as a process of its own.
 *
 * @throws Error if nobody answers at a given address
 */
export async function eventStoreDbEngine(): Promise<EventStoreDbEngine> {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== '') {
    await answering(given, () => false, `${VARIABLE} names a server, but`);
    return { connection: given, kind: 'given', stop: () => Promise.resolve() };
  }
  return hasDocker() ? inContainer() : standIn();
}

const hasDocker = (): boolean => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

async function standIn(): Promise<EventStoreDbEngine> {
  process.stderr.write(
    `\n*** NOT THE GENUINE EventStoreDB: there is no Docker, and ${VARIABLE} names none; tests run against our stand-in ***\n\n`,
  );
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-eventstoredb-'));
  const [hostname, port] = ['127.0.0.1', await freePort()];
  const connection = `esdb://${hostname}:${port}?tls=false`;
  let child: ChildProcess;
  const again = async (): Promise<void> => {
    const started = spawn(process.execPath, [program, '--port', String(port), '--data', join(folder, 'log')], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    child = started;
    await answering(connection, () => started.exitCode !== null, 'the stand-in did not start:');
  };
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const end = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    kill();
    await ended;
  };
  process.once('exit', kill);
  await again();
  const stop = async (): Promise<void> => {
    process.off('exit', kill);
    await end();
    await rm(folder, { recursive: true, force: true });
  };
  return { connection, kind: 'stand-in', own: { hostname, port, end, again }, stop };
}

/** Its port outside is chosen here, so that it is the same when the container is started again. */
async function inContainer(): Promise<EventStoreDbEngine> {
  const port = await freePort();
  const container = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: PORT, host: port })
    .withCommand(['--insecure'])
    .withStartupTimeout(START_MILLISECONDS)
    .start();
  const hostname = container.getHost();
  const connection = `esdb://${hostname}:${port}?tls=false`;
  const docker = (command: string): void => {
    const { status, stderr } = spawnSync('docker', [command, container.getId()], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`docker ${command} failed: ${stderr}`);
  };
  const up = (): Promise<void> => answering(connection, () => false, 'EventStoreDB did not start:');
  const end = (): Promise<void> => {
    docker('kill');
    return Promise.resolve();
  };
  const again = (): Promise<void> => {
    docker('start');
    return up();
  };
  const stop = async (): Promise<void> => {
    await container.stop();
  };
  await up();
  return { connection, kind: 'container', own: { hostname, port, end, again }, stop };
}

async function answering(connection: string, isOver: () => boolean, why: string): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    const store = openEventStoreDb(connection);
    try {
      await store.check();
      return;
    } catch (error) {
      if (isOver() || Date.now() > deadline) throw new Error(`${why} nobody answers`, { cause: error });
      await sleep(50);
    } finally {
      await store.close();
    }
  }
}
