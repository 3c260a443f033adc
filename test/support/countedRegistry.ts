import { createServer, type Server } from 'node:http';
import { rmSync } from 'node:fs';
import { systemContext } from '../../src/commands/context.js';
import { openCore, type Core } from '../../src/composition/core.js';
import { openEmbedded, type EmbeddedStores } from '../../src/composition/embedded.js';
import { openProjector } from '../../src/composition/projecting.js';
import { v2Recorder } from '../../src/composition/recorder.js';
import { openRegistry } from '../../src/composition/registry.js';
import { loadConfig } from '../../src/config/load.js';
import { parseNamespaceName } from '../../src/domain/shared/namespaceName.js';
import { clientAddresses } from '../../src/http/clientAddress.js';
import { v2Handler } from '../../src/http/v2/router.js';
import { createLog } from '../../src/telemetry/log.js';
import { createMetrics } from '../../src/telemetry/metrics.js';
import { requestIds } from '../../src/telemetry/requestId.js';
import { counted, type StoreCalls } from './countedStores.js';
import { PASSWORD } from './registry.js';
import type { Target } from './v2client.js';
import { plainPasswords, quickFolder } from './world.js';

/**
 * `/v2` of a process that shares its engines with others and keeps nothing that an event could make untrue, in this
 * process and on the embedded stores: what it asks of them is counted. The read models are fed beside it, uncounted.
 */
export class CountedRegistry {
  private constructor(
    readonly target: Target,
    readonly core: Core,
    private readonly server: Server,
    private readonly stores: EmbeddedStores,
    private readonly folder: string,
  ) {}

  static async start(calls: StoreCalls): Promise<CountedRegistry> {
    const folder = quickFolder();
    const { config } = loadConfig({ TIDEMARK_DATA_PATH: folder, TIDEMARK_SERVER_HOSTNAME: 'localhost' }, folder);
    const stores = await openEmbedded(config);
    const failed = (what: string, error: unknown): void => {
      throw new Error(`${what} failed`, { cause: error });
    };
    const readModels = await openProjector(stores, failed);
    const seen = counted(stores, calls);
    const passwords = plainPasswords;
    const core = await openCore({ config, stores: seen, readModels, passwords, failed });
    const metrics = createMetrics();
    const registry = await openRegistry({ config, core, stores: seen, passwords, metrics });
    readModels.start();
    const server = createServer(
      v2Handler({
        ...{ registry, requestId: requestIds(), addressOf: clientAddresses(undefined), record: v2Recorder(metrics) },
        log: createLog({ level: 'warn', human: false }),
        position: () => readModels.position,
        reached: (position) => readModels.waitFor(position),
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('it listens on no port');
    const target = { url: `http://127.0.0.1:${address.port}`, host: 'localhost' };
    return new CountedRegistry(target, core, server, stores, folder);
  }

  /** A person with a namespace of his own. */
  async createUser(name: string): Promise<void> {
    const user = { name: parseNamespaceName(name, 'username'), email: null, password: PASSWORD, superuser: false };
    const context = { ...systemContext('registry', this.core.ids.next()), ip: null, userAgent: null };
    await this.core.commands.accounts.register({ ...user, timeMachineSeconds: 0 }, context);
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => this.server.close(resolve));
    await this.core.pulls.flush();
    await this.core.readModels.close();
    await this.stores.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
