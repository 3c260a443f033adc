import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { OperationAnswer, OperationName, OperationRequest, Operations } from './controlProgram.js';
import { PASSWORD, RegistryProcess, type NewAccount, type Settings } from './registry.js';

const PROGRAM = fileURLToPath(new URL('controlProgram.js', import.meta.url));

/** A registry whose commands a test can call beside the protocol, for what no route can do. */
export class ControlledRegistry {
  #calls = 0;

  private constructor(private readonly process: RegistryProcess) {}

  static async start(settings: Settings = {}): Promise<ControlledRegistry> {
    return new ControlledRegistry(await RegistryProcess.start(settings, PROGRAM));
  }

  get url(): string {
    return this.process.url;
  }

  get host(): string {
    return this.process.host;
  }

  async createUser(name: string, { password = PASSWORD, superuser = false, email }: NewAccount = {}): Promise<void> {
    await this.call('createUser', name, password, superuser, email ?? null);
  }

  /** Resolves when the command has been answered. */
  async call<Name extends OperationName>(name: Name, ...args: Parameters<Operations[Name]>): Promise<void> {
    const { child } = this.process;
    const id = ++this.#calls;
    child.send({ id, name, args } satisfies OperationRequest);
    for (;;) {
      const [answer] = (await once(child, 'message')) as [OperationAnswer];
      if (answer.id !== id) continue;
      if (answer.error !== null) throw new Error(answer.error);
      return;
    }
  }

  /** @throws Error with what the registry logged as failed: no test may make it do that */
  async stop(): Promise<void> {
    await this.process.stop();
    const failures = this.process.output.split('\n').filter((line) => line.startsWith('{'));
    if (failures.length > 0) throw new Error(`the registry failed inside:\n${failures.join('\n')}`);
  }
}
