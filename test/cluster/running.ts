import { afterAll, beforeAll } from '@jest/globals';
import { ApiClient } from '../support/apiClient.js';
import type { RegistryProcess, Settings } from '../support/registry.js';
import { closeConnections, V2Client, type Target } from '../support/v2client.js';
import { Cluster } from './cluster.js';
import { clusterEngines, type ClusterEngines } from './engines.js';

/** A cluster for the tests of a file, begun before them and ended after them. */
export class Running {
  cluster!: Cluster;
  engines!: ClusterEngines;

  /** Who uses the registry through one API node only. */
  on(node: RegistryProcess, username: string | null = null, password?: string): V2Client {
    return new V2Client(this.target(node), username, password);
  }

  /** Who uses it through the balancer. */
  anywhere(username: string | null = null, password?: string): V2Client {
    return new V2Client(this.cluster, username, password);
  }

  /** The registry has one name, whichever node is asked. */
  target(node: RegistryProcess): Target {
    return { url: node.url, host: this.cluster.host };
  }

  signedIn(node: RegistryProcess, username: string, password?: string): Promise<ApiClient> {
    return ApiClient.signedIn(node, username, password);
  }

  /** Whatever read models have that the log does not say, by the command that compares them. */
  async verdicts(): Promise<readonly unknown[]> {
    const [node] = this.nodes;
    // Some verdicts are wanted: none at all would prove nothing.
    const verdicts = JSON.parse(await node.run(['projections', 'verify', '--json'])) as { differences: string[] }[];
    if (verdicts.length === 0) throw new Error('nothing was compared');
    return verdicts.filter(({ differences }) => differences.length > 0);
  }

  /** Two API nodes. */
  get nodes(): readonly [RegistryProcess, RegistryProcess] {
    const [first, second] = this.cluster.apis;
    if (!first || !second) throw new Error('there are no two API nodes');
    return [first, second];
  }
}

/** For the head of a test file. @returns undefined, said loudly, if the engines are not to be had */
export async function runningCluster(settings: Settings = {}): Promise<Running | undefined> {
  const engines = await clusterEngines();
  if (!engines) return undefined;
  const running = new Running();
  beforeAll(async () => {
    running.engines = engines;
    running.cluster = await Cluster.start({ ...engines.settings(), ...settings });
  });
  afterAll(async () => {
    closeConnections();
    await running.cluster.stop();
    await engines.stop();
  });
  return running;
}
