import { fork } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '../../test/support/registry.js';
import { s3Storage } from '../../test/engines/storages.js';
import type { Bench } from '../bench.js';
import { countedLines, type CountedLines } from './countedEngines.js';
import type { BenchEngines } from './engines.js';
import { freePort } from '../../test/support/ports.js';
import { startProcess, type Server } from './process.js';
import { cli, createUser, tokenFor } from './tidemark.js';

export type Role = 'api' | 'projector' | 'relay';

export type ClusterNode = Omit<Server, 'authorization'> & { readonly lines: CountedLines | undefined };

export type ClusterOptions = {
  readonly engines: BenchEngines;
  readonly roles: readonly Role[];
  /** Whether each process speaks to the engines over lines that count. */
  readonly counted?: boolean;
};

/** What every process of a registry is called by its clients, whichever of them answers. */
const HOSTNAME = 'registry.bench';

/** Under full load a slow engine lets the read models trail: here writes wait for it and are not refused. */
const PATIENT = { PROJECTION_LAG_LIMIT_MS: '60000' };

const balancerProgram = fileURLToPath(new URL('balancerServer.js', import.meta.url));

/** One registry as processes with a role each, on shared engines, with an account that owns the namespace `bench`. */
export class BenchCluster {
  readonly #balancers: Balancing[] = [];

  private constructor(
    readonly nodes: readonly ClusterNode[],
    /** Of its topics in Kafka. */
    readonly topicPrefix: string,
  ) {}

  static async start(bench: Bench, { engines, roles, counted = false }: ClusterOptions): Promise<BenchCluster> {
    const nodes: ClusterNode[] = [];
    const root = randomUUID();
    const shared: Settings = {
      ...engines.settings(),
      ...PATIENT,
      DISTRIBUTED_STORAGE_CONFIG: s3Storage(engines.s3.settings, root),
    };
    try {
      // One after the other: the first one makes what all of them share.
      for (const [number, role] of roles.entries()) {
        const lines = counted ? await countedLines(engines, root) : undefined;
        nodes.push(await startNode(bench, `${role}-${number}`, role, { ...shared, ...lines?.settings }, lines));
      }
      await createUser(environment(await bench.folder('command'), shared), false);
      return new BenchCluster(nodes, shared['KAFKA_TOPIC_PREFIX'] ?? '');
    } catch (error) {
      for (const { stop, lines } of nodes) await stop().then(() => lines?.close());
      throw error;
    }
  }

  get apis(): readonly ClusterNode[] {
    return this.nodes.filter(({ name }) => name.startsWith('api'));
  }

  /** Any node takes it, also behind a balancer. */
  authorization(repository: string): Promise<string> {
    const [api] = this.apis;
    if (!api) throw new Error('no process has the role api');
    return tokenFor(api.port, repository);
  }

  /** A balancer in a process of its own, before these nodes. */
  async balance(nodes: readonly ClusterNode[]): Promise<Pick<Server, 'port' | 'pid'>> {
    const child = fork(
      balancerProgram,
      nodes.map(({ port }) => String(port)),
    );
    // The other end is `balancerServer.ts`: it sends its port, and nothing else.
    const [port] = (await once(child, 'message')) as [number];
    const stop = (): void => {
      child.disconnect();
    };
    this.#balancers.push({ stop });
    if (child.pid === undefined) throw new Error('the balancer has no process');
    return { port, pid: child.pid };
  }

  async stop(): Promise<void> {
    for (const { stop } of this.#balancers) stop();
    // Those that need the read models end before the one that feeds them.
    for (const { stop, lines } of this.nodes.toReversed()) await stop().then(() => lines?.close());
  }
}

type Balancing = { readonly stop: () => void };

async function startNode(
  bench: Bench,
  name: string,
  role: Role,
  settings: Settings,
  lines: CountedLines | undefined,
): Promise<ClusterNode> {
  const port = await freePort();
  const own = { ROLES: role, NODE_NAME: name, HTTP_HOST: '127.0.0.1', HTTP_PORT: String(port) };
  const env = environment(await bench.folder(name), { ...settings, ...own });
  const profiling = bench.profiles === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${join(bench.profiles, name)}`];
  const args = [...profiling, cli, 'serve'];
  return { ...(await startProcess({ file: process.execPath, args, env, name, port })), lines };
}

function environment(folder: string, settings: Settings): NodeJS.ProcessEnv {
  const own = { DATA_PATH: folder, SERVER_HOSTNAME: HOSTNAME, LOG_LEVEL: 'error' };
  return Object.fromEntries(Object.entries({ ...own, ...settings }).map(([key, value]) => [`TIDEMARK_${key}`, value]));
}
