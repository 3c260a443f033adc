import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { RegistryProcess } from '../support/registry.js';
import { freePort } from '../support/ports.js';
import { toolPath } from '../tools/tools.js';
import { serviceNamed } from './composeFile.js';
import { Ended, until } from './until.js';

/** The services of docker-compose.yml whose programs can be had without their images. */

let folder: string;
let child: ChildProcess | undefined;
let said = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-demo-'));
  said = '';
});
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
  child = undefined;
  await rm(folder, { recursive: true, force: true });
});

function run(command: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess {
  const [program = '', ...args] = command;
  const started = spawn(program, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  const keep = (data: Buffer): void => {
    said = (said + data.toString()).slice(-10_000);
  };
  started.stdout.on('data', keep);
  started.stderr.on('data', keep);
  child = started;
  return started;
}

const reached = (started: ChildProcess, ask: () => Promise<boolean>): Promise<void> =>
  until(() => {
    if (started.exitCode !== null) throw new Ended(said);
    return ask();
  });

describe('the object store', () => {
  it('starts as it is told to, says that it is well, and has the bucket that the registry wants', async () => {
    const { entrypoint = [], command = [], environment = {}, healthcheck } = serviceNamed('s3');
    const port = await freePort();
    const moved = (text: string): string => text.replaceAll('/srv', folder).replaceAll('7070', String(port));
    const search = `${dirname(toolPath('versitygw'))}${delimiter}${process.env['PATH'] ?? ''}`;
    const started = run([...entrypoint, ...command].map(moved), { ...environment, PATH: search });
    const health = moved(healthcheck?.test.at(-1) ?? '');
    await reached(started, async () => (await fetch(health)).status === 200);

    const storage = serviceNamed('api-1').environment?.['TIDEMARK_DISTRIBUTED_STORAGE_CONFIG'] ?? '';
    // At its start it lists, writes, reads and removes, and looks whether conditions are honoured.
    const registry = await RegistryProcess.start({
      DISTRIBUTED_STORAGE_CONFIG: storage.replace('"s3", "port": 7070', `"127.0.0.1", "port": ${port}`),
    });
    try {
      expect(JSON.stringify(await (await fetch(`${registry.url}/health/endtoend`)).json())).toContain('"storage":true');
    } finally {
      await registry.stop();
    }
  });
});

describe('Kafka', () => {
  /** The image makes a property of each variable, in this way. */
  const propertiesOf = (environment: Readonly<Record<string, string>>): string =>
    Object.entries(environment)
      .filter(([name]) => name.startsWith('KAFKA_') && name !== 'KAFKA_HEAP_OPTS')
      .map(([name, value]) => `${name.slice('KAFKA_'.length).toLowerCase().replaceAll('_', '.')}=${value}`)
      .join('\n');

  it('starts with its settings, and speaks to clients', async () => {
    const [port, controller] = [await freePort(), await freePort()];
    const properties = propertiesOf(serviceNamed('kafka').environment ?? {})
      .replaceAll('kafka:9092', `127.0.0.1:${port}`)
      .replaceAll(':9092', `:${port}`)
      .replaceAll(':9093', `:${controller}`)
      .replace('/var/lib/kafka/data', join(folder, 'data'));
    const file = join(folder, 'server.properties');
    await writeFile(file, properties);
    const java = ['java', '-Xmx384m', '-XX:TieredStopAtLevel=1', '-cp', join(dirname(toolPath('kafka')), 'lib', '*')];
    const [program, ...args] = [...java, 'kafka.tools.StorageTool', 'format', '-t', 'ZZZZZZZZQQSSSSSSAAAAAA'];
    const formatted = spawnSync(program, [...args, '-c', file], { encoding: 'utf8' });
    expect([formatted.status, formatted.stderr]).toEqual([0, expect.any(String)]);
    const started = run([...java, 'kafka.Kafka', file], { PATH: process.env['PATH'] ?? '' });

    const kafka = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const admin = kafka.admin();
    await reached(started, async () => {
      await admin.connect();
      return (await admin.listTopics()).length === 0;
    });
    // The default number of copies serves, and a group finds its coordinator: both need more than one broker otherwise.
    await admin.createTopics({ topics: [{ topic: 'tidemark.test', replicationFactor: -1 }], waitForLeaders: true });
    const producer = kafka.producer({ idempotent: true, retry: { retries: 5 } });
    await producer.connect();
    await producer.send({ topic: 'tidemark.test', messages: [{ key: 'a', value: 'b' }] });
    await producer.disconnect();
    await until(async () => (await admin.fetchOffsets({ groupId: 'test', topics: ['tidemark.test'] })).length === 1);
    await admin.disconnect();
  });
});
