import { ApiClient } from './apiClient.js';
import { RegistryProcess, type Settings } from './registry.js';
import { closeConnections, V2Client, type Repository } from './v2client.js';

/** A registry and the people who use it, each with a session of the web UI. Everybody has `<name>@example.com`. */
export class Community<Name extends string> {
  readonly anybody: ApiClient;

  private constructor(
    readonly registry: RegistryProcess,
    private readonly people: ReadonlyMap<Name, ApiClient>,
  ) {
    this.anybody = new ApiClient(registry);
  }

  static async start<const Name extends string>(
    names: readonly Name[],
    settings: Settings = {},
  ): Promise<Community<Name>> {
    const registry = await RegistryProcess.start(settings);
    const people = new Map<Name, ApiClient>();
    for (const name of names) {
      await registry.createUser(name, { email: `${name}@example.com` });
      people.set(name, await ApiClient.signedIn(registry, name));
    }
    return new Community(registry, people);
  }

  /** Somebody in front of a browser. */
  as(name: Name): ApiClient {
    const person = this.people.get(name);
    if (!person) throw new Error(`${name} does not live here`);
    return person;
  }

  /** Somebody at a container client, with a repository; with a fresh token each time. */
  pulling(name: Name | null, repository: string): Repository {
    return new V2Client(this.registry, name).repository(repository);
  }

  async stop(): Promise<void> {
    closeConnections();
    await this.registry.stop();
  }
}
