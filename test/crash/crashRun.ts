import { between, seeded, type Random } from '../powerloss/random.js';
import { RegistryProcess } from '../support/registry.js';
import { closeConnections, V2Client } from '../support/v2client.js';
import { Checker } from './check.js';
import { CrashClient, Load } from './clients.js';
import { RepositoryModel } from './model.js';

const REPOSITORIES = ['alice/one', 'alice/two'] as const;
const CLIENTS = 6;
/** How many manifests of earlier rounds are looked at again in each repository. */
const OLDER = 8;

/** A registry, several clients that write to it, and what they know. */
export class CrashRun {
  readonly #random: Random;
  readonly #models = new Map(REPOSITORIES.map((name) => [name, new RepositoryModel()] as const));
  readonly #client: V2Client;
  /** Acts that were acknowledged in full. */
  done = 0;

  private constructor(
    readonly registry: RegistryProcess,
    seed: number,
  ) {
    this.#random = seeded(seed);
    this.#client = new V2Client(registry, 'alice');
  }

  static async start(seed: number): Promise<CrashRun> {
    const registry = await RegistryProcess.start({ LOG_LEVEL: 'error' });
    await registry.createUser('alice');
    return new CrashRun(registry, seed);
  }

  /** Load until a random moment, in which the server is killed; then it runs again. */
  async crash(): Promise<void> {
    const load = new Load();
    const acting = this.#clients(load).map((client) => client.run());
    await new Promise((resolve) => setTimeout(resolve, between(this.#random, 50, 700)));
    load.end();
    const killed = this.registry.restart('SIGKILL');
    for (const done of await Promise.all(acting)) this.done += done;
    closeConnections();
    await killed;
  }

  /** So many acts of each client, undisturbed. */
  async quiet(acts: number): Promise<void> {
    for (const done of await Promise.all(this.#clients(new Load()).map((client) => client.run(acts))))
      this.done += done;
  }

  /** @returns what is wrong; `whole` looks at everything ever pushed, else at what is new and a few others */
  async check(whole = false): Promise<readonly string[]> {
    const objections: string[] = [];
    for (const [name, model] of this.#models) {
      const known = [...model.pushedByDigest.keys()];
      const some = Array.from({ length: OLDER }, () => known[between(this.#random, 0, known.length - 1)] ?? '');
      const checker = new Checker(this.#client.repository(name), model);
      objections.push(...(await checker.check(whole ? known : some)));
    }
    // What the registry has to say about it.
    if (objections.length > 0) objections.push(this.registry.output.slice(-10_000));
    return objections;
  }

  /** @throws Error if the command line finds the log or a read model wanting */
  async verify(): Promise<void> {
    await this.registry.run(['events', 'verify', '--json']);
    await this.registry.run(['projections', 'verify', '--json']);
  }

  /** Ends the server politely and leaves the data where they are. */
  async halt(): Promise<void> {
    const { child } = this.registry;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    closeConnections();
    await ended;
  }

  stop(): Promise<void> {
    closeConnections();
    return this.registry.stop();
  }

  #clients(load: Load): CrashClient[] {
    return Array.from({ length: CLIENTS }, (_, lane) => {
      const name = lane % 2 === 0 ? REPOSITORIES[0] : REPOSITORIES[1];
      const place = { client: this.#client, name, lane };
      return new CrashClient(this.#models.get(name) ?? new RepositoryModel(), this.#random, load, place);
    });
  }
}
