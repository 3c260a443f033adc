import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventStoreDbEngine, newStreamPrefix } from '../engines/eventStoreDb.js';
import { kafkaEngine } from '../engines/kafka.js';
import { mongoEngine } from '../engines/mongodb.js';
import { s3Engine } from '../engines/s3.js';
import { freePort } from '../support/ports.js';
import { startBalancer, type Balancer } from './balancer.js';
import { composeFile, type Service } from './composeFile.js';
import { Ended, until } from './until.js';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

type Environment = Readonly<Record<string, string>>;

/** A process of a service of docker-compose.yml. */
export class Member {
  #child: ChildProcess | undefined;
  #said = '';

  constructor(
    /** `projector-2` */
    readonly name: string,
    readonly port: number,
    private readonly service: Service,
    private readonly environment: Environment,
  ) {}

  get running(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** What it wrote since it was started. */
  get said(): string {
    return this.#said;
  }

  start(): void {
    const child = spawn(process.execPath, [PROGRAM, 'serve'], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#said = '';
    const keep = (data: Buffer): void => {
      this.#said = (this.#said + data.toString()).slice(-100_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#child = child;
  }

  /** @returns the exit code; null if it was killed */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || !this.running) return null;
    const ended = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await ended)[0];
  }

  /** Runs another command with the settings of this process. @throws unless it ends with 0 */
  run(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      encoding: 'utf8',
      env: this.environment,
    });
    if (status !== 0) throw new Error(`tidemark ${args.join(' ')} ended with ${String(status)}: ${stderr}${stdout}`);
    return stdout;
  }

  /** As Docker would, by the command that the service has for it. */
  async healthy(): Promise<void> {
    const [, program, ...args] = this.service.healthcheck?.test ?? [];
    if (program !== 'tidemark') throw new Error(`${this.name} has a look at its health that is not known here`);
    await until(() => {
      if (!this.running) throw new Ended(`${this.name} has ended:\n${this.said}`);
      this.run(...args);
      return true;
    }, 120_000);
  }
}

/** The demonstration, on engines that can be had without Docker and are empty; all else is as docker-compose.yml says. */
export class Demonstration {
  private constructor(
    readonly members: readonly Member[],
    readonly balancer: Balancer,
    readonly brokers: readonly string[],
    private readonly closing: readonly (() => unknown)[],
  ) {}

  static async start(): Promise<Demonstration> {
    const closing: (() => unknown)[] = [];
    const opened = <Engine extends { stop(): unknown }>(engine: Engine | undefined): Engine => {
      if (!engine) throw new Error('an engine is missing: run test/tools/install deploy');
      closing.unshift(() => engine.stop());
      return engine;
    };
    const folder = await mkdtemp(join(tmpdir(), 'tidemark-demonstration-'));
    closing.unshift(() => rm(folder, { recursive: true, force: true }));
    const [log, streamPrefix] = [opened(await eventStoreDbEngine()), newStreamPrefix()];
    const [mongo, kafka, s3] = [opened(await mongoEngine()), opened(await kafkaEngine()), opened(await s3Engine())];
    const masterKey = join(folder, 'master.key');
    await writeFile(masterKey, randomBytes(32).toString('base64'));

    const services = Object.entries(composeFile().services).filter(
      ([, { environment }]) => environment?.['TIDEMARK_ROLES'] !== undefined,
    );
    const names = services.flatMap(([name, service]) =>
      Array.from({ length: service.deploy?.replicas ?? 1 }, (_, index) => ({
        service,
        name: service.deploy ? `${name}-${index + 1}` : name,
      })),
    );
    const ports = await Promise.all(names.map(() => freePort()));
    const portOf = (name: string): number => ports[names.findIndex((each) => each.name === name)] ?? 0;
    const balancer = await startBalancer([portOf('api-1'), portOf('api-2')]);
    closing.unshift(() => balancer.stop());

    const { endpoint = '', bucket, credentials } = s3.settings;
    const { hostname, port } = new URL(endpoint);
    const storage = (given: string): string =>
      given
        .replace('"hostname": "s3", "port": 7070', `"hostname": "${hostname}", "port": ${port}`)
        .replace('"bucket_name": "tidemark"', `"bucket_name": "${bucket}"`)
        .replace('"secret_key": "of-the-demonstration"', `"secret_key": "${credentials?.secretAccessKey ?? ''}"`);
    const moved = (given: Environment, index: number): Environment => ({
      ...given,
      PATH: process.env['PATH'] ?? '',
      TIDEMARK_EVENTSTORE_CONNECTION: log.connection,
      TIDEMARK_EVENTSTORE_STREAM_PREFIX: streamPrefix,
      TIDEMARK_MONGODB_CONNECTION: mongo.connection,
      TIDEMARK_KAFKA_BROKERS: kafka.brokers.join(),
      TIDEMARK_DISTRIBUTED_STORAGE_CONFIG: storage(given['TIDEMARK_DISTRIBUTED_STORAGE_CONFIG'] ?? ''),
      TIDEMARK_MASTER_KEY_FILE: masterKey,
      TIDEMARK_SERVER_HOSTNAME: `localhost:${balancer.port}`,
      TIDEMARK_HTTP_PORT: String(ports[index]),
      TIDEMARK_DATA_PATH: join(folder, String(index)),
    });
    const members = names.map(
      ({ name, service }, index) =>
        new Member(name, ports[index] ?? 0, service, moved(service.environment ?? {}, index)),
    );
    closing.unshift(() => Promise.all(members.map((member) => member.end('SIGKILL'))));
    return new Demonstration(members, balancer, kafka.brokers, closing);
  }

  member(name: string): Member {
    const found = this.members.find((member) => member.name === name);
    if (!found) throw new Error(`no process is called ${name}`);
    return found;
  }

  async stop(): Promise<void> {
    for (const step of this.closing) await step();
  }
}
