import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { calmRequestQueues } from '../../src/adapters/bus/kafka/requestQueue.js';
import { freePort } from '../support/ports.js';
import { hasTool, toolPath } from '../tools/tools.js';

/** A cluster that the tests may use, with names of their own. */
export type KafkaEngine = {
  readonly brokers: readonly string[];
  /** Absent for a cluster that is not ours to break. */
  readonly own?: {
    /** From one moment to the next; resolves when it is gone. */
    end(): Promise<void>;
    /** On the same data; resolves when it answers. */
    again(): Promise<void>;
  };
  /** Absent where it is not ours: a listener at `target` that sends its clients to `port`, where a line can begin. */
  readonly line?: { readonly target: { readonly hostname: string; readonly port: number }; readonly port: number };
  /** Absent where it is not ours: a listener with TLS, to which `tidemark` signs in with `secret`. */
  readonly secure?: { readonly brokers: readonly string[]; readonly ca: string };
  stop(): Promise<void>;
};

const VARIABLE = 'TIDEMARK_TEST_KAFKA';
const IMAGE = 'apache/kafka:4.1.0';
const START_MILLISECONDS = 60_000;

/**
 * The cluster that the environment names (`TIDEMARK_TEST_KAFKA=host:port,…`, without TLS), one in a container where
 * Docker is, or one of our own in a temporary folder.
 *
 * @returns undefined, said loudly, if there is none
 * @throws Error if there is none where there must be one: in CI, or at a given address
 */
export async function kafkaEngine(): Promise<KafkaEngine | undefined> {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== '') {
    const brokers = given.split(',');
    await answering(brokers, () => false, `${VARIABLE} names ${given}, but`);
    return { brokers, stop: () => Promise.resolve() };
  }
  if (spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0) return inContainer();
  if (hasTool('kafka')) return ofOurOwn();
  const missing = `kafka is not installed (test/tools/install kafka), and ${VARIABLE} names no other`;
  if (process.env['CI'] === 'true') throw new Error(missing);
  process.stderr.write(`\n*** SKIPPED: tests against kafka: ${missing} ***\n\n`);
  return undefined;
}

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../test/fixtures/tls/${name}`, import.meta.url), 'utf8');

/** Five at once: one after the other may be the same. */
async function freePorts(): Promise<readonly [number, number, number, number, number]> {
  return Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()]);
}

async function ofOurOwn(): Promise<KafkaEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-kafka-'));
  const [port, controller, lineTarget, line, secure] = await freePorts();
  const brokers = [`127.0.0.1:${port}`];
  const [key, ca] = [fixture('localhost.key'), fixture('localhost.cert')];
  const pem = join(folder, 'localhost.pem');
  await writeFile(pem, key + ca);
  let node = launch();
  const kill = (): void => {
    node.child.kill('SIGKILL');
  };
  process.once('exit', kill);

  function launch(): { readonly child: ChildProcess; readonly output: () => string } {
    const child = spawn(toolPath('kafka'), [String(port), String(controller), folder], {
      env: { ...process.env, LINE: `${lineTarget}:${line}`, SECURE: `${secure}:${pem}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (data: Buffer): void => {
      output = (output + data.toString()).slice(-10_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return { child, output: () => output };
  }
  const end = async (): Promise<void> => {
    if (node.child.exitCode !== null || node.child.signalCode !== null) return;
    const ended = once(node.child, 'exit');
    kill();
    await ended;
  };
  const up = async (): Promise<void> => {
    try {
      await answering(brokers, () => node.child.exitCode !== null, 'kafka did not start:');
    } catch (error) {
      kill();
      throw new Error(node.output(), { cause: error });
    }
  };
  await up();
  return {
    brokers,
    line: { target: { hostname: '127.0.0.1', port: lineTarget }, port: line },
    secure: { brokers: [`localhost:${secure}`], ca },
    own: {
      end,
      again: async () => {
        node = launch();
        await up();
      },
    },
    stop: async () => {
      process.off('exit', kill);
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The port is the same inside and outside, because a broker tells its clients where to find it. */
async function inContainer(): Promise<KafkaEngine> {
  const port = await freePort();
  const container: StartedTestContainer = await new GenericContainer(IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withEnvironment({
      KAFKA_NODE_ID: '1',
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_LISTENERS: `BROKER://0.0.0.0:${port},CONTROLLER://localhost:9093`,
      KAFKA_ADVERTISED_LISTENERS: `BROKER://127.0.0.1:${port}`,
      KAFKA_INTER_BROKER_LISTENER_NAME: 'BROKER',
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      KAFKA_GROUP_MIN_SESSION_TIMEOUT_MS: '1000',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
    })
    .withStartupTimeout(START_MILLISECONDS)
    .start();
  const brokers = [`127.0.0.1:${port}`];
  await answering(brokers, () => false, 'kafka did not start:');
  const docker = (command: string): void => {
    const { status, stderr } = spawnSync('docker', [command, container.getId()], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`docker ${command} failed: ${stderr}`);
  };
  return {
    brokers,
    own: {
      end: () => {
        docker('kill');
        return Promise.resolve();
      },
      again: async () => {
        docker('start');
        await answering(brokers, () => false, 'kafka did not start again:');
      },
    },
    stop: async () => {
      await container.stop();
    },
  };
}

/** A plain client, for what tests look at by themselves. */
export function plainClient(brokers: readonly string[], retries = 8): Kafka {
  calmRequestQueues();
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries, initialRetryTime: 100 } });
}

async function answering(brokers: readonly string[], isOver: () => boolean, why: string): Promise<void> {
  const deadline = Date.now() + START_MILLISECONDS;
  for (;;) {
    const admin = plainClient(brokers, 0).admin();
    try {
      await admin.connect();
      if ((await admin.describeCluster()).brokers.length > 0) return;
      throw new Error('the cluster has no broker');
    } catch (error) {
      if (isOver() || Date.now() > deadline) throw new Error(`${why} nobody answers`, { cause: error });
      await sleep(100);
    } finally {
      await admin.disconnect();
    }
  }
}
