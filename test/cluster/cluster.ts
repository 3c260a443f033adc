import { PASSWORD, RegistryProcess, type Settings } from '../support/registry.js';
import { Balancer } from './balancer.js';

export type Role = 'api' | 'projector' | 'relay' | 'worker';

/** One registry as many processes on shared engines, behind a balancer. */
export class Cluster {
  private constructor(
    readonly balancer: Balancer,
    readonly settings: Settings,
    readonly apis: readonly RegistryProcess[],
    readonly projectors: readonly RegistryProcess[],
    readonly relays: readonly RegistryProcess[],
    readonly workers: readonly RegistryProcess[],
  ) {}

  /** Two API nodes and a relay, with two projectors and two workers unless it is said otherwise. */
  static async start(settings: Settings, { projectors: feeding = 2, workers: working = 2 } = {}): Promise<Cluster> {
    const balancer = await Balancer.start();
    const all = { ...settings, SERVER_HOSTNAME: balancer.host };
    const started: RegistryProcess[] = [];
    const node = async (role: Role, number: number): Promise<RegistryProcess> => {
      const process = await RegistryProcess.start({ ...all, ROLES: role, NODE_NAME: `${role}-${number}` });
      started.push(process);
      return process;
    };
    try {
      // The first one of each kind makes what all of them share.
      const projectors = [await node('projector', 1)];
      for (let number = 2; number <= feeding; number++) projectors.push(await node('projector', number));
      const apis = await Promise.all([node('api', 1), node('api', 2)]);
      const relays = [await node('relay', 1)];
      const workers = await Promise.all(Array.from({ length: working }, (_, index) => node('worker', index + 1)));
      await balancer.watch(apis.map(({ port }) => port));
      return new Cluster(balancer, all, apis, projectors, relays, workers);
    } catch (error) {
      await Promise.allSettled(started.map((process) => process.stop()));
      await balancer.stop();
      throw error;
    }
  }

  /** What stands before the name of an image; every request goes to another node. */
  get host(): string {
    return this.balancer.host;
  }

  get url(): string {
    return this.balancer.url;
  }

  get nodes(): readonly RegistryProcess[] {
    return [...this.apis, ...this.projectors, ...this.relays, ...this.workers];
  }

  /** An account with a namespace of its own, made by the command line beside the cluster. */
  async createUser(name: string): Promise<void> {
    await this.#first(this.apis).run(['user', 'create', name, '--password-stdin'], PASSWORD);
  }

  /** What all processes have written, for a test that failed. */
  get output(): string {
    return this.nodes.map(({ output }) => output).join('\n');
  }

  async stop(): Promise<void> {
    await Promise.all(this.apis.map((node) => node.stop()));
    await Promise.all([...this.relays, ...this.workers].map((node) => node.stop()));
    await Promise.all(this.projectors.map((node) => node.stop()));
    await this.balancer.stop();
  }

  #first<Item>(items: readonly Item[]): Item {
    const [first] = items;
    if (first === undefined) throw new Error('the cluster has no such node');
    return first;
  }
}
